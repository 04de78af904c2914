/** The entry of the header thread: parses the header of one file, then hands its tensors over batch by batch. */
import { parentPort } from "node:worker_threads";
import { type Layout, readLayout } from "../../bytes/formats/index.ts";
import { HoldfastError } from "../../core/errors.ts";
import { batchesOf } from "./batches.ts";
import type { HeaderJob, HeaderReply, HeaderRequest, TensorBatch } from "./messages.ts";
import { openSource } from "./source-file.ts";

let batches: Iterator<TensorBatch> | undefined;

async function parse(job: HeaderJob): Promise<HeaderReply> {
  const layout = await layoutOf(job);
  batches = batchesOf(layout);
  return { kind: "layout", format: layout.format };
}

async function layoutOf(job: HeaderJob): Promise<Layout> {
  using source = openSource(job.path, job.bytes);
  return await readLayout(job.fileName, source);
}

function nextBatch(): HeaderReply {
  const next = batches?.next();
  if (next && !next.done) return { kind: "batch", batch: next.value };
  batches = undefined;
  return { kind: "end" };
}

async function answer(request: HeaderRequest): Promise<HeaderReply> {
  try {
    return request.kind === "parse" ? await parse(request.job) : nextBatch();
  } catch (error) {
    if (error instanceof HoldfastError) return { kind: "fault", code: error.code, message: error.message, advice: error.advice };
    return { kind: "crash", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const port = parentPort;
port?.on("message", async (request: HeaderRequest) => port.postMessage(await answer(request)));
port?.postMessage({ kind: "ready" } satisfies HeaderReply);
