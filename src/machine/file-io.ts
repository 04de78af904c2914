/**
 * Synchronous file I/O as the data workers do it: reads and writes of whole views, O_DIRECT where that is faster and
 * allowed, durable publication. The only state is the open descriptors, which are handed in. What failures mean is for the volumes to say.
 */
export { errnoOf, syncFolder } from "./descriptor.ts";
export { type Descriptors, openDescriptors } from "./descriptors.ts";
export { publishFile, replaceFile } from "./publish-file.ts";
export { readInto } from "./read-into.ts";
export { writeAt } from "./write-at.ts";
