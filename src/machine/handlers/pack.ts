/** Stage → frames: each chunk encoded and laid behind its header. */

import { crc32c } from "../../bytes/digests/index.ts";
import { frameHeaderBytes, writeFrameHeader } from "../../bytes/shards/index.ts";
import type { PackChunk, PackedFrame, PackJob } from "../jobs.ts";
import { bytesOf } from "../span.ts";
import type { Desk } from "./desk.ts";
import { together } from "./rows.ts";

export function pack(desk: Desk, job: PackJob): PackedFrame[] {
  const stage = bytesOf(job.stage);
  const out = bytesOf(job.out);
  let offset = 0;
  return job.chunks.map((chunk) => {
    const frame = packChunk(desk, together(desk, stage, chunk.rows), chunk, out.subarray(offset), job.encode);
    const placed = { ...frame, offset };
    offset += frameHeaderBytes + frame.storedBytes;
    return placed;
  });
}

function packChunk(desk: Desk, raw: Uint8Array, chunk: PackChunk, out: Uint8Array, encode: "auto" | "raw"): Omit<PackedFrame, "offset"> {
  const room = out.subarray(frameHeaderBytes, frameHeaderBytes + raw.length);
  const hint = { element: chunk.element, base: chunk.base ? bytesOf(chunk.base.bytes) : undefined };
  const { encoding, bytes, based } = encode === "raw" ? desk.codecs.encodeRaw(raw, room) : desk.codecs.encode(raw, hint, room);
  const checksum = crc32c(room.subarray(0, bytes));
  writeFrameHeader(
    {
      digest: chunk.digest,
      base: based ? chunk.base?.digest : undefined,
      depth: based && chunk.base ? chunk.base.depth + 1 : 0,
      encoding,
      rawBytes: raw.length,
      storedBytes: bytes,
      crc32c: checksum,
    },
    out,
  );
  return { encoding, storedBytes: bytes, crc32c: checksum, based };
}
