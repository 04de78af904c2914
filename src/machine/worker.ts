/** The entry of a data worker: takes jobs in the order in which they come, does each synchronously, answers. */
import { parentPort, workerData } from "node:worker_threads";
import { checkShard } from "../bytes/shards/index.ts";
import { HoldfastError } from "../core/errors.ts";
import { realWorld } from "../core/world/index.ts";
import { crc32cOf, crc32cOfStepsIn } from "./checksums.ts";
import { publishFile, readInto, syncFolder, writeAt } from "./file-io.ts";
import { compare } from "./handlers/compare.ts";
import { copyOut } from "./handlers/copy-out.ts";
import { decode } from "./handlers/decode.ts";
import { type Desk, openDesk } from "./handlers/desk.ts";
import { cut, ingest, sha256 } from "./handlers/ingest.ts";
import { pack } from "./handlers/pack.ts";
import { finishFile, prepareFile, replaceFiles } from "./handlers/targets.ts";
import { type AnswerOf, type Job, noMoreJobs } from "./jobs.ts";
import type { Reply } from "./pool.ts";
import { bytesOf } from "./span.ts";

type Handlers = { readonly [K in Job["kind"]]: (desk: Desk, job: Extract<Job, { kind: K }>) => AnswerOf<Extract<Job, { kind: K }>> };

const handlers: Handlers = {
  read: (desk, job) => job.parts.map((part) => readInto(desk.files, part.path, part.offset, part.into.map(bytesOf))),
  write: (_, job) => writeAt(job.path, job.offset, bytesOf(job.from)),
  publish: (_, job) => publishFile(job.path, job.temporary, job.body.map(bytesOf)),
  prepare: (_, job) => prepareFile(job),
  finish: (_, job) => finishFile(job),
  replace: (_, job) => replaceFiles(job),
  "sync-folders": (_, job) => {
    for (const folder of job.folders) syncFolder(folder);
  },
  cut,
  ingest,
  sha256,
  pack,
  decode,
  "copy-out": copyOut,
  compare: (_, job) => compare(job),
  check: (_, job) => checkShard(bytesOf(job.shard)),
  crc32c: (_, job) => crc32cOf(job.from.map(bytesOf)),
  "crc32c-steps": (_, job) => crc32cOfStepsIn(job.from.map(bytesOf), job.stepBytes),
};

function answer(desk: Desk, job: Job): Reply {
  try {
    const handle = handlers[job.kind] as (desk: Desk, job: Job) => unknown;
    const done = desk.watch.within(job.kind, () => handle(desk, job));
    return { answer: done, spentMs: desk.watch.take() };
  } catch (error) {
    return { failure: describe(error), spentMs: desk.watch.take() };
  } finally {
    desk.files[Symbol.dispose](); // one kept would keep removed objects on the disk, and the disk from being unmounted
  }
}

/** An error crosses threads as its parts: a typed fault keeps its code, an operating system error its errno. */
function describe(error: unknown): Reply["failure"] {
  if (error instanceof HoldfastError) return { fault: error.code, message: error.message, ...(error.advice ? { advice: error.advice } : {}) };
  const { code, syscall, path, message, stack } = error as NodeJS.ErrnoException;
  return {
    message: message ?? String(error),
    ...(code ? { errno: code } : {}),
    ...(syscall ? { syscall } : {}),
    ...(path ? { path } : {}),
    ...(stack ? { stack } : {}),
  };
}

const { memory, offset } = workerData as { memory: WebAssembly.Memory; offset: number };
const desk = openDesk(memory, offset, realWorld);
parentPort?.on("message", (job: Job | typeof noMoreJobs) => {
  if (job === noMoreJobs) parentPort?.close();
  else parentPort?.postMessage(answer(desk, job));
});
