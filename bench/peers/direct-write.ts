/** What the disk takes: large writes past the page cache into one file, and an fsync. By fio, or by a loop of our own where that is not there. */
import { spawnSync } from "node:child_process";
import { constants, type FileHandle, open } from "node:fs/promises";
import { MiB } from "../../src/core/units.ts";
import { must } from "../quiet.ts";

export type DirectWrite = (path: string, bytes: number) => Promise<number>;

/** The name says which it is. It answers with seconds, for `bytes` rounded down to whole MiB. */
export function directWriter(): { readonly name: string; readonly write: DirectWrite } {
  if (spawnSync("fio", ["--version"]).status === 0) return { name: "fio O_DIRECT write", write: byFio };
  return { name: "O_DIRECT write loop", write: byLoop };
}

/** Its own clock, without the start of the process. */
async function byFio(path: string, bytes: number): Promise<number> {
  const job = ["--name=limit", `--filename=${path}`, "--rw=write", "--bs=1M", "--iodepth=8", "--ioengine=libaio", "--direct=1", "--end_fsync=1"];
  const out = must("fio", [...job, `--size=${Math.floor(bytes / MiB)}M`, "--output-format=json"]);
  const { jobs } = JSON.parse(out.slice(out.indexOf("{"))) as { jobs: { write: { runtime: number } }[] };
  return (jobs[0]?.write.runtime ?? Number.NaN) / 1000;
}

const blockBytes = 4 * MiB;
const atOnce = 4;

async function byLoop(path: string, bytes: number): Promise<number> {
  const block = new Uint8Array(new WebAssembly.Memory({ initial: blockBytes / 65536 }).buffer).fill(1); // starts on a page
  const start = performance.now();
  await using file = await open(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT);
  const blocks = Math.floor(bytes / blockBytes);
  await Promise.all(Array.from({ length: atOnce }, (_, lane) => writeLane(file, block, lane, blocks)));
  await file.sync();
  return (performance.now() - start) / 1000;
}

async function writeLane(file: FileHandle, block: Uint8Array, lane: number, blocks: number): Promise<void> {
  for (let index = lane; index < blocks; index += atOnce) await file.write(block, 0, block.length, index * block.length);
}
