/** Reading a range of a file into memory: large aligned middles past the page cache, the rest through it. */
import { constants, readvSync } from "node:fs";
import { directFlag, tryDirect } from "./descriptor.ts";
import type { Descriptors } from "./descriptors.ts";
import { cutRuns, dropBytes, type Run } from "./runs.ts";

/** Below this a read through the page cache is as fast cold and four times faster warm. */
const directReadBytesMin = 4 * 1024 * 1024;
/** What one readv or writev takes at most is 1024 on Linux and macOS. */
export const viewsPerCallMax = 512;

/**
 * Fills the views from `offset` on and returns the bytes read, fewer only where the file ends. Throws Node's errno
 * errors as they are.
 */
export function readInto(files: Descriptors, path: string, offset: number, views: readonly Uint8Array[], directBytesMin = directReadBytesMin): number {
  let total = 0;
  for (const run of cutRuns(offset, views, directBytesMin)) {
    const got = run.direct ? readDirect(files, path, run) : readRun(files.at(path, constants.O_RDONLY), run.offset, run.views);
    total += got;
    if (got < run.bytes) return total;
  }
  if (total === 0) files.at(path, constants.O_RDONLY);
  return total;
}

/** A direct read may stop early at any page; what it left is read through the page cache, which also finds the end. */
function readDirect(files: Descriptors, path: string, run: Run): number {
  const got = tryDirect(() => readvSync(files.at(path, constants.O_RDONLY | directFlag), run.views, run.offset));
  if (got === run.bytes) return got;
  return got + readRun(files.at(path, constants.O_RDONLY), run.offset + got, dropBytes(run.views, got));
}

function readRun(descriptor: number, offset: number, views: readonly Uint8Array[]): number {
  let left = views;
  let total = 0;
  while (left.length > 0) {
    const got = readvSync(descriptor, left.slice(0, viewsPerCallMax), offset + total);
    if (got === 0) break;
    total += got;
    left = dropBytes(left, got);
  }
  return total;
}
