/**
 * Hints between processes, never safety: locks with fencing tokens, counters, events. In one process, or through Redis servers. On them are
 * built one filler for each chunk, a tally of what is read, and word of every ref that moved. What must hold is held by the catalog: all
 * of this may lie, forget or be away, and costs time.
 */
export { announcing } from "./announcing.ts";
export { Coordination, openCoordination } from "./coordination.ts";
export type { Fillers, FillWait } from "./fillers.ts";
export { hearing } from "./hearing.ts";
export { isCoordinateUrl } from "./open.ts";
export { chunkReads, tensorReads } from "./read-counters.ts";
