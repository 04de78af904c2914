/** Every byte of a shard against a checksum: what a scrub and a read-back do. */
import type { Digest } from "../../core/digest.ts";
import { HoldfastError } from "../../core/errors.ts";
import { asBuffer, crc32c } from "../digests/index.ts";
import { frameHeaderBytes, writeFrameHeader } from "./frame.ts";
import { indexRangeOf, readShard, readShardFooter, type ShardIndex, shardFooterBytes, shardHeaderBytes } from "./shard.ts";

export interface ShardVerdict {
  /** The name that the shard's own bytes give it; undefined when its structure is damaged. */
  readonly digest: Digest | undefined;
  /** What is wrong, in words; undefined when every byte is right. */
  readonly problem: string | undefined;
  /** Positions in the index of the frames whose bytes are damaged. */
  readonly damagedFrames: readonly number[];
}

/** Linear in the bytes of the shard, one pass. Never throws for damaged bytes. */
export function checkShard(shard: Uint8Array): ShardVerdict {
  let index: ShardIndex;
  try {
    index = readShard(shard);
  } catch (error) {
    if (error instanceof HoldfastError) return { digest: undefined, problem: error.message, damagedFrames: [] };
    throw error;
  }
  const damagedFrames = index.frames.flatMap((frame, position) => (frameIsWhole(shard, frame) ? [] : [position]));
  const problem = damagedFrames.length > 0 ? `${damagedFrames.length} of ${index.frames.length} frames are damaged` : paddingProblem(shard, index);
  return { digest: index.digest, problem, damagedFrames };
}

const header = new Uint8Array(frameHeaderBytes);

function frameIsWhole(shard: Uint8Array, frame: ShardIndex["frames"][number]): boolean {
  const payload = frame.offset + frameHeaderBytes;
  writeFrameHeader(frame, header);
  if (asBuffer(header).compare(shard, frame.offset, payload) !== 0) return false;
  return crc32c(shard.subarray(payload, payload + frame.storedBytes)) === frame.crc32c;
}

/** Nothing names the bytes between the parts, so they must be zero. */
function paddingProblem(shard: Uint8Array, index: ShardIndex): string | undefined {
  const footer = readShardFooter(shard, shard.byteLength);
  let end = shardHeaderBytes;
  for (const frame of index.frames) {
    if (!isZero(shard.subarray(end, frame.offset))) return "the padding between sections is not zero";
    end = frame.offset + frameHeaderBytes + frame.storedBytes;
  }
  const whole = isZero(shard.subarray(end, footer.indexOffset)) && isZero(shard.subarray(indexRangeOf(footer).end, shard.byteLength - shardFooterBytes));
  return whole ? undefined : "the padding around the index is not zero";
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
