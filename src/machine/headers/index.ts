/**
 * Reading the headers of files on disk. Foreign headers are parsed in a thread of their own, with a deadline and a
 * memory limit, so that a hostile one costs a typed error and never the process or its event loop. What the headers
 * mean is bytes/formats; what to do with a file that does not parse is for the flows.
 */
export { type HeaderReader, openHeaderReader } from "./reader.ts";
