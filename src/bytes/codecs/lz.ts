/** LZ: one Zstandard frame (RFC 8878), for text and whatever has no elements. */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { limits } from "../../core/limits.ts";
import type { Codec } from "./codec.ts";
import { corrupt } from "./stored.ts";
import { zstdFrameBytes } from "./zstd-frame.ts";

const windowLogMax = Math.log2(limits.chunkBytesMax);
const level = 3;

/** The stream functions of Node take no shared memory: a copy goes in and the result is copied out. */
function compress(raw: Uint8Array): Buffer {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  return zstdCompressSync(Buffer.from(raw), { params });
}

/** Stored share of a sample: an estimate for the whole. */
export function lzShare(sample: Uint8Array): number {
  return sample.length === 0 ? 1 : compress(sample).length / sample.length;
}

export const lzCodec: Codec = {
  id: 10,
  name: "LZ",
  encode(raw, _hint, out) {
    const stored = compress(raw);
    if (stored.length > out.length) return 0;
    out.set(stored);
    return stored.length;
  },
  decode(stored, _base, out) {
    if (zstdFrameBytes(stored) !== stored.length) throw corrupt("not one Zstandard frame");
    const raw = decompress(stored, out.length);
    if (raw.length !== out.length) throw corrupt(`${raw.length} bytes decompressed for a chunk of ${out.length}`);
    out.set(raw);
  },
};

/** At most one byte more than expected is made, whatever the frame claims; no window is larger than a chunk. */
function decompress(stored: Uint8Array, bytes: number): Buffer {
  try {
    return zstdDecompressSync(Buffer.from(stored), { maxOutputLength: bytes + 1, params: { [constants.ZSTD_d_windowLogMax]: windowLogMax } });
  } catch (cause) {
    throw corrupt(`not a Zstandard frame of ${bytes} bytes (${(cause as Error).message})`);
  }
}
