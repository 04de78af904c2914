/** Open descriptors of files being read, so that the next range in the same piece of work does not open the file again. */
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";

const openFilesMax = 32;

interface Open {
  readonly descriptor: number;
  readonly dev: number;
  readonly ino: number;
}

export interface Descriptors extends Disposable {
  /** A descriptor of the file that has this path now; good until the next call. Throws Node's errno errors as they are. */
  at(path: string, flags: number): number;
}

/**
 * Keeps the `filesMax` last used ones until it is disposed of, which leaves it empty and usable. Dispose after each piece
 * of work: a kept descriptor keeps the bytes of a removed object on the disk, and a volume from being unmounted. Each use
 * looks at the path again (1 µs), so that a file that was replaced is not read from the past. For one thread.
 */
export function openDescriptors(filesMax = openFilesMax): Descriptors {
  const kept = new Map<string, Open>();
  const close = (key: string, open: Open): void => {
    kept.delete(key);
    closeSync(open.descriptor);
  };
  return {
    at(path, flags) {
      const key = `${flags}:${path}`;
      const known = kept.get(key);
      if (known && !isStill(path, known)) close(key, known);
      const open = kept.get(key) ?? openFile(path, flags);
      kept.delete(key);
      kept.set(key, open);
      for (const [oldest, last] of kept) if (kept.size > filesMax) close(oldest, last);
      return open.descriptor;
    },
    [Symbol.dispose]() {
      for (const [key, open] of kept) close(key, open);
    },
  };
}

function isStill(path: string, open: Open): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.ino === open.ino && now.dev === open.dev;
}

/** Without O_NONBLOCK a named pipe in the place of a file would keep the thread until somebody writes to it. Files do not know the flag. */
function openFile(path: string, flags: number): Open {
  const descriptor = openSync(path, flags | constants.O_NONBLOCK);
  const { dev, ino } = fstatSync(descriptor);
  return { descriptor, dev, ino };
}
