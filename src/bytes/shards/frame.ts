/** One stored chunk in a shard: a fixed header and the encoded bytes (docs/format.md, "Frame"). */
import { digestBytes } from "../../core/digest.ts";
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { crc32c } from "../digests/index.ts";

export const frameHeaderBytes = 96;
const magic = 0x31524648; // "HFR1"

export interface Frame {
  /** 32 bytes: BLAKE3-256 of the raw chunk. */
  readonly digest: Uint8Array;
  /** 32 bytes: the chunk that a delta is against. */
  readonly base: Uint8Array | undefined;
  /** Deltas between this chunk and one that stands alone: 0 without a base. */
  readonly depth: number;
  readonly encoding: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** CRC32C of the stored bytes. */
  readonly crc32c: number;
}

/** A frame and the offset of its header in the shard. */
export interface PlacedFrame extends Frame {
  readonly offset: number;
}

export function writeFrameHeader(frame: Frame, out: Uint8Array): void {
  const view = new DataView(out.buffer, out.byteOffset, frameHeaderBytes);
  out.fill(0, 0, frameHeaderBytes);
  view.setUint32(0, magic, true);
  view.setUint8(4, frame.encoding);
  view.setUint8(5, 1);
  view.setUint8(6, frame.base ? 1 : 0);
  view.setUint8(7, frame.depth);
  view.setUint32(8, frame.rawBytes, true);
  view.setUint32(12, frame.storedBytes, true);
  view.setUint32(16, frame.crc32c, true);
  out.set(frame.digest, 24);
  if (frame.base) out.set(frame.base, 56);
  view.setUint32(92, crc32c(out.subarray(0, 92)), true);
}

/** Throws OBJECT_CORRUPT for bytes that are not a whole frame header within bounds. */
export function readFrameHeader(bytes: Uint8Array): Frame {
  if (bytes.byteLength < frameHeaderBytes) throw fault("OBJECT_CORRUPT", "a frame header is cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, frameHeaderBytes);
  if (view.getUint32(0, true) !== magic || view.getUint32(92, true) !== crc32c(bytes.subarray(0, 92)))
    throw fault("OBJECT_CORRUPT", "a frame header does not match its checksum");
  if (view.getUint8(5) !== 1) throw fault("ENCODING_UNSUPPORTED", `frame version ${view.getUint8(5)}`);
  const frame: Frame = {
    encoding: view.getUint8(4),
    base: (view.getUint8(6) & 1) === 1 ? bytes.slice(56, 56 + digestBytes) : undefined,
    depth: view.getUint8(7),
    rawBytes: view.getUint32(8, true),
    storedBytes: view.getUint32(12, true),
    crc32c: view.getUint32(16, true),
    digest: bytes.slice(24, 24 + digestBytes),
  };
  if (frame.rawBytes > limits.chunkBytesMax || frame.storedBytes > frame.rawBytes || frame.depth > limits.chainDepthMax)
    throw fault("OBJECT_CORRUPT", "a frame header names sizes that no chunk has");
  return frame;
}
