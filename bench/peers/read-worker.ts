/** One of the threads of `PlainReaders`. */
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { ReadTask } from "./plain-readers.ts";

const readBytes = 1 << 20;

parentPort?.on("message", ({ units, next }: ReadTask) => {
  const counter = new Int32Array(next);
  for (let at = Atomics.add(counter, 0, 1); at < units.length; at = Atomics.add(counter, 0, 1)) {
    const { path, start, bytes, into } = units[at] as ReadTask["units"][number];
    const descriptor = openSync(path, "r");
    const view = new Uint8Array(into, start, bytes);
    for (let done = 0; done < bytes; ) done += readSync(descriptor, view, done, Math.min(readBytes, bytes - done), start + done);
    closeSync(descriptor);
  }
  parentPort?.postMessage("done");
});
