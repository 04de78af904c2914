/** Files into shared memory by threads that do nothing else: what a load with verification is held against. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { MiB } from "../../src/core/units.ts";

export interface ReadTask {
  readonly units: readonly { readonly path: string; readonly start: number; readonly bytes: number; readonly into: SharedArrayBuffer }[];
  /** The number of the next unit. */
  readonly next: SharedArrayBuffer;
}

const unitBytes = 8 * MiB;

export class PlainReaders implements AsyncDisposable {
  readonly #workers: readonly Worker[];

  constructor(count: number) {
    this.#workers = Array.from({ length: count }, () => new Worker(new URL("./read-worker.ts", import.meta.url)));
  }

  /** Each file from its start on, as much as the block beside it holds. */
  async read(files: readonly { readonly path: string; readonly into: SharedArrayBuffer }[]): Promise<void> {
    const units = files.flatMap(({ path, into }) => unitsOf(path, into));
    const task: ReadTask = { units, next: new SharedArrayBuffer(4) };
    const done = this.#workers.map((worker) => once(worker, "message"));
    for (const worker of this.#workers) worker.postMessage(task);
    await Promise.all(done);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function unitsOf(path: string, into: SharedArrayBuffer): ReadTask["units"] {
  const count = Math.ceil(into.byteLength / unitBytes);
  return Array.from({ length: count }, (_, at) => ({ path, into, start: at * unitBytes, bytes: Math.min(unitBytes, into.byteLength - at * unitBytes) }));
}
