/** Writing memory into a file at an offset: large aligned middles past the page cache, the rest through it. Nothing here syncs. */
import { constants, writevSync } from "node:fs";
import { directFlag, tryDirect, withDescriptor } from "./descriptor.ts";
import { viewsPerCallMax } from "./read-into.ts";
import { cutRuns, dropBytes, type Run } from "./runs.ts";

/** Below this the page cache is faster than a write of its own; above, it costs five to ten times the CPU. */
const directWriteBytesMin = 256 * 1024;

/** Writes into an existing file. Throws Node's errno errors as they are. */
export function writeAt(path: string, offset: number, view: Uint8Array): void {
  withDescriptor(path, constants.O_WRONLY, (descriptor) => writeViews(path, descriptor, offset, [view]));
}

/** The views one behind the other from `offset` on; `descriptor` is a buffered one of the file at `path`. */
export function writeViews(path: string, descriptor: number, offset: number, views: readonly Uint8Array[]): void {
  for (const run of cutRuns(offset, views, directWriteBytesMin)) {
    if (run.direct) writeDirect(path, descriptor, run);
    else writeRun(descriptor, run.offset, run.views);
  }
}

function writeDirect(path: string, buffered: number, run: Run): void {
  const put = tryDirect(() => withDescriptor(path, constants.O_WRONLY | directFlag, (descriptor) => writevSync(descriptor, run.views, run.offset)));
  if (put < run.bytes) writeRun(buffered, run.offset + put, dropBytes(run.views, put));
}

function writeRun(descriptor: number, offset: number, views: readonly Uint8Array[]): void {
  let left = views;
  let total = 0;
  while (left.length > 0) {
    const put = writevSync(descriptor, left.slice(0, viewsPerCallMax), offset + total);
    if (put === 0) throw Object.assign(new Error("EIO: a write took no bytes"), { code: "EIO" });
    total += put;
    left = dropBytes(left, put);
  }
}
