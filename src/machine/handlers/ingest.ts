/** Source files → stage: reading, cutting by content, digests of chunks and of whole files. */
import { blake3, startSha256 } from "../../bytes/digests/index.ts";
import { digestBytes } from "../../core/digest.ts";
import { fault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { readInto } from "../file-io.ts";
import type { CutJob, Ingested, IngestJob, IngestPiece, Sha256Job } from "../jobs.ts";
import { bytesOf } from "../span.ts";
import type { Desk } from "./desk.ts";
import { together } from "./rows.ts";

function readExactly(desk: Desk, path: string, offset: number, into: Uint8Array): void {
  if (into.length === 0) return;
  const read = desk.watch.within("source", () => readInto(desk.files, path, offset, [into]));
  if (read !== into.length) throw fault("SOURCE_CHANGED", `${path} became shorter while it was read`, { advice: "Push again once nothing writes to it." });
}

export function ingest(desk: Desk, job: IngestJob): Ingested {
  const stage = bytesOf(job.stage);
  const chunks = job.pieces.reduce((sum, piece) => sum + piece.chunks.length, 0);
  const digests = new Uint8Array(chunks * digestBytes);
  const sha256: (string | undefined)[] = [];
  let at = 0;
  for (const piece of job.pieces) {
    readExactly(desk, piece.path, piece.start, stage.subarray(piece.at, piece.at + piece.bytes));
    for (const rows of piece.chunks) {
      const bytes = together(desk, stage, rows);
      digests.set(
        desk.watch.within("digest", () => blake3(bytes)),
        at,
      );
      at += digestBytes;
    }
    sha256.push(piece.whole ? desk.watch.within("sha256", () => wholeSha256(stage, piece)) : undefined);
  }
  return { digests, sha256 };
}

function wholeSha256(stage: Uint8Array, piece: IngestPiece): string {
  return startSha256()
    .update(stage.subarray(piece.at, piece.at + piece.bytes))
    .digest("hex");
}

export function sha256(desk: Desk, job: Sha256Job): string | undefined {
  const hash = desk.hashes.get(job.key) ?? startSha256();
  if ("path" in job.from) {
    const { path, start, bytes } = job.from;
    for (let at = 0; at < bytes; at += MiB) {
      const part = desk.gathered.subarray(0, Math.min(MiB, bytes - at));
      readExactly(desk, path, start + at, part);
      hash.update(part);
    }
  } else for (const span of job.from) hash.update(bytesOf(span));
  if (!job.last) {
    desk.hashes.set(job.key, hash);
    return undefined;
  }
  desk.hashes.delete(job.key);
  return hash.digest("hex");
}

export function cut(desk: Desk, job: CutJob): number[][] {
  return job.regions.map((region) => cutRegion(desk, region, bytesOf(job.buffer)));
}

/** Reads the region window by window; what is left behind the last chunk end moves to the front of the next. */
function cutRegion(desk: Desk, region: CutJob["regions"][number], buffer: Uint8Array): number[] {
  const lengths: number[] = [];
  let kept = 0;
  let read = 0;
  while (kept > 0 || read < region.bytes) {
    const fresh = Math.min(buffer.length - kept, region.bytes - read);
    readExactly(desk, region.path, region.start + read, buffer.subarray(kept, kept + fresh));
    read += fresh;
    const found = desk.kernels.cutContent(buffer.subarray(0, kept + fresh), read === region.bytes);
    const used = found.reduce((sum, length) => sum + length, 0);
    lengths.push(...found);
    buffer.copyWithin(0, used, kept + fresh);
    kept += fresh - used;
  }
  return lengths;
}
