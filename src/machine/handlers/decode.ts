/** Stored bytes → window, verified. A chunk that is wrong is reported, never thrown: another replica may have it right. */
import { encodingIds } from "../../bytes/codecs/index.ts";
import { asBuffer, blake3, crc32c } from "../../bytes/digests/index.ts";
import { isFault } from "../../core/errors.ts";
import { type DecodeChunk, type DecodeJob, verdictGood, verdictWrong } from "../jobs.ts";
import { bytesOf } from "../span.ts";
import type { Desk } from "./desk.ts";
import { collectRows, spread, wholeRun } from "./rows.ts";

export function decode(desk: Desk, job: DecodeJob): Uint8Array {
  const window = bytesOf(job.window);
  return Uint8Array.from(job.chunks, (chunk) => (chunk.steps.length === 0 ? verifyInPlace(desk, chunk, window) : decodeChunk(desk, chunk, window)));
}

function hasDigest({ watch }: Desk, bytes: Uint8Array, digest: Uint8Array): boolean {
  return watch.within("digest", () => asBuffer(blake3(bytes)).equals(digest));
}

function verifyInPlace(desk: Desk, chunk: DecodeChunk, window: Uint8Array): number {
  const run = wholeRun(chunk.copies, chunk.rawBytes);
  const bytes = run ? window.subarray(run.to, run.to + chunk.rawBytes) : collectRows(desk, window, chunk.copies, chunk.rawBytes);
  return hasDigest(desk, bytes, chunk.digest) ? verdictGood : verdictWrong;
}

/** A chunk that lands in one run of kernel memory is decoded there; any other is decoded aside, or verified as it was read, and spread. */
function decodeChunk(desk: Desk, chunk: DecodeChunk, window: Uint8Array): number {
  const run = window.buffer === desk.memory.buffer ? wholeRun(chunk.copies, chunk.rawBytes) : undefined;
  const plain = run ? undefined : storedRaw(chunk);
  const out = plain ?? (run ? window.subarray(run.to, run.to + chunk.rawBytes) : desk.gathered.subarray(0, chunk.rawBytes));
  if (!(plain || unwind(desk, chunk, out)) || !hasDigest(desk, out, chunk.digest)) return blame(chunk);
  if (!run) spread(desk, out, chunk.copies, window);
  return verdictGood;
}

/** The stored bytes of a chunk that is stored as it is. */
function storedRaw({ steps, rawBytes }: DecodeChunk): Uint8Array | undefined {
  const [step] = steps;
  return steps.length === 1 && step?.encoding === encodingIds.RAW && step.stored.length === rawBytes ? bytesOf(step.stored) : undefined;
}

/** Decodes the links of a delta chain, from the chunk that stands alone to the one that is wanted. */
function unwind(desk: Desk, chunk: DecodeChunk, out: Uint8Array): boolean {
  let base: Uint8Array | undefined;
  try {
    for (const [index, step] of chunk.steps.entries()) {
      const last = index === chunk.steps.length - 1;
      const to = last ? out : (desk.links[index % 2] as Uint8Array).subarray(0, chunk.rawBytes);
      desk.codecs.decode(step.encoding, bytesOf(step.stored), base, to);
      base = to;
    }
    return true;
  } catch (error) {
    if (isFault(error, "CHUNK_CORRUPT", "ENCODING_UNSUPPORTED")) return false;
    throw error;
  }
}

function blame(chunk: DecodeChunk): number {
  const damaged = chunk.steps.findIndex((step) => crc32c(bytesOf(step.stored)) !== step.crc32c);
  return damaged === -1 ? verdictWrong : damaged + 1;
}
