/** A part of a file of a version, verified, in memory: for what is looked at before a load is planned (headers, config.json). */
import type { FileEntry } from "../../core/manifest.ts";
import { type ByteRange, lengthOf } from "../../core/range.ts";
import { MemorySink } from "./memory-sink.ts";
import { windowsOf } from "./plan.ts";
import { type Run, runWindows } from "./run.ts";

export async function readFileRange(run: Pick<Run, "engine" | "replicas" | "domain" | "signal">, file: FileEntry, range: ByteRange): Promise<Uint8Array> {
  const rowBytes = lengthOf(range);
  const memory = new Uint8Array(new SharedArrayBuffer(rowBytes));
  if (rowBytes === 0) return memory;
  const slice = { start: range.start, rows: 1, rowBytes, stride: rowBytes };
  const windows = windowsOf([{ name: file.path, bytes: rowBytes, parts: [{ file, slice }] }]);
  await runWindows({ ...run, sink: new MemorySink(memory), report: () => {} }, windows);
  return memory;
}
