/** What the disk takes and gives past the page cache: one file written in large pieces and synced, and read. By fio, or by a loop of our own where that is not there. */
import { spawnSync } from "node:child_process";
import { constants, open } from "node:fs/promises";
import { MiB } from "../../src/core/units.ts";
import { must } from "../quiet.ts";

/** Answers with seconds, for `bytes` rounded down to whole blocks. */
type Direct = (path: string, bytes: number) => Promise<number>;

export interface DirectDisk {
  /** Says by what. */
  readonly name: string;
  readonly write: Direct;
  /** Of a file that was written so. */
  readonly read: Direct;
}

export function directDisk(): DirectDisk {
  if (spawnSync("fio", ["--version"]).status === 0) return { name: "fio O_DIRECT write", write: byFio("write"), read: byFio("read") };
  return { name: "O_DIRECT write loop", write: writeByLoop, read: readByLoop };
}

/** Its own clock, without the start of the process. */
function byFio(way: "write" | "read"): Direct {
  return async (path, bytes) => {
    const job = ["--name=limit", `--filename=${path}`, `--rw=${way}`, "--bs=1M", "--iodepth=8", "--ioengine=libaio", "--direct=1", "--end_fsync=1"];
    const out = must("fio", [...job, `--size=${Math.floor(bytes / MiB)}M`, "--output-format=json"]);
    const { jobs } = JSON.parse(out.slice(out.indexOf("{"))) as { jobs: Record<typeof way, { runtime: number }>[] };
    return (jobs[0]?.[way].runtime ?? Number.NaN) / 1000;
  };
}

const blockBytes = 4 * MiB;
const atOnce = 4;

async function writeByLoop(path: string, bytes: number): Promise<number> {
  const start = performance.now();
  await using file = await open(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT);
  await inLanes(bytes, (block, position) => file.write(block, 0, block.length, position));
  await file.sync();
  return (performance.now() - start) / 1000;
}

async function readByLoop(path: string, bytes: number): Promise<number> {
  const start = performance.now();
  await using file = await open(path, constants.O_RDONLY | constants.O_DIRECT);
  await inLanes(bytes, (block, position) => file.read(block, 0, block.length, position));
  return (performance.now() - start) / 1000;
}

async function inLanes(bytes: number, work: (block: Uint8Array, position: number) => Promise<unknown>): Promise<void> {
  const lane = async (first: number): Promise<void> => {
    const block = new Uint8Array(new WebAssembly.Memory({ initial: blockBytes / 65536 }).buffer).fill(1); // starts on a page
    for (let position = first * blockBytes; position + blockBytes <= bytes; position += atOnce * blockBytes) await work(block, position);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => lane(first)));
}
