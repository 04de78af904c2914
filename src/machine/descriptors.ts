/** Open descriptors of files being read, so that the next range of a shard does not open it again and the kernel goes on reading ahead. */
import { closeSync, fstatSync, openSync, statSync } from "node:fs";

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
 * Keeps the `filesMax` last used ones. Each use looks at the path again (1 µs), so that a file that was removed, replaced
 * or is on a volume no longer mounted is not read from the past. For one thread; ends with it, or when disposed of.
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

function openFile(path: string, flags: number): Open {
  const descriptor = openSync(path, flags);
  const { dev, ino } = fstatSync(descriptor);
  return { descriptor, dev, ino };
}
