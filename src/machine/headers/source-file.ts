/** A file on disk as a format sees it. Reads are synchronous: the header thread has nothing else to do. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import type { RangeReader } from "../../bytes/formats/index.ts";
import { fault, type HoldfastError } from "../../core/errors.ts";
import type { ByteRange } from "../../core/range.ts";

export interface SourceFile extends RangeReader, Disposable {}

/** `bytes` is the size that the caller relies on. A file that turns out shorter is SOURCE_CHANGED. */
export function openSource(path: string, bytes: number): SourceFile {
  const descriptor = opened(path);
  return {
    bytes,
    read: async (range) => readFully(descriptor, path, range),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/** O_NONBLOCK, so that a pipe put in place of the file cannot hold the thread for ever; it changes nothing for files. */
function opened(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw sourceFault(path, error);
  }
}

function readFully(descriptor: number, path: string, range: ByteRange): Uint8Array {
  const into = new Uint8Array(range.end - range.start);
  for (let filled = 0; filled < into.length; ) {
    const count = readSync(descriptor, into, filled, into.length - filled, range.start + filled);
    if (count === 0) throw fault("SOURCE_CHANGED", `${path} became shorter while it was read`, { advice: "Push it again when nothing writes to it." });
    filled += count;
  }
  return into;
}

/** What the operating system said of a source file, as a typed error. Anything unusual keeps its own error. */
export function sourceFault(path: string, error: unknown): HoldfastError | unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return fault("FILE_MISSING", `${path} is not there`, { cause: error });
  if (code === "EACCES" || code === "EPERM") return fault("ACCESS_DENIED", `${path} may not be read`, { cause: error });
  return error;
}
