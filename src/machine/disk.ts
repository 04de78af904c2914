/** The two things that a local volume asks of a disk, so that it need not know in which thread they are done. */
import { throwIfCancelled } from "../core/errors.ts";
import { openDescriptors, publishFile, readInto } from "./file-io.ts";

export interface Disk {
  /** Fills the views from `offset` on; returns the bytes read, fewer only at the end of the file. Throws Node's errno errors as they are. */
  read(path: string, offset: number, into: readonly Uint8Array[], signal: AbortSignal): Promise<number>;
  /** See `publishFile`. When it rejects, the memory of `body` is no longer being read. */
  publish(path: string, temporary: string, body: readonly Uint8Array[], signal: AbortSignal): Promise<void>;
}

/** Does the calls in the thread of the caller: for workers, tests and small bytes. */
export function directDisk(): Disk {
  return {
    async read(path, offset, into, signal) {
      throwIfCancelled(signal);
      using files = openDescriptors();
      return readInto(files, path, offset, into);
    },
    async publish(path, temporary, body, signal) {
      throwIfCancelled(signal);
      publishFile(path, temporary, body);
    },
  };
}
