/**
 * The plain delta: XOR with the base, bytes of equal position laid together, zstd-3 (BitX of ZipLLM, arXiv:2505.06252, does this
 * on whole tensors). Sizes are exact; the XOR and the split run in JavaScript, so only zstd is on the clock.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { limits } from "../../src/core/limits.ts";
import { speedOf } from "../measure.ts";
import type { Result } from "../stage.ts";

const options = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

function xorPlanes(raw: Uint8Array, base: Uint8Array, width: number): Buffer[] {
  const count = Math.floor(raw.length / width);
  return Array.from({ length: width }, (_, plane) => {
    const bytes = Buffer.alloc(count);
    for (let i = 0; i < count; i++) bytes[i] = (raw[i * width + plane] as number) ^ (base[i * width + plane] as number);
    return bytes;
  });
}

export function xorZstd(raw: Uint8Array, base: Uint8Array, width: number, repeats: number): Result {
  const chunks = Math.ceil(raw.length / limits.chunkBytes);
  const part = (bytes: Uint8Array, chunk: number): Uint8Array => bytes.subarray(chunk * limits.chunkBytes, (chunk + 1) * limits.chunkBytes);
  const planes = Array.from({ length: chunks }, (_, chunk) => xorPlanes(part(raw, chunk), part(base, chunk), width));
  const stored: Buffer[][] = [];
  const encode = speedOf(chunks, raw.length, repeats, (chunk) => {
    stored[chunk] = (planes[chunk] as Buffer[]).map((plane) => zstdCompressSync(plane, options));
  });
  const decode = speedOf(chunks, raw.length, repeats, (chunk) => {
    for (const plane of stored[chunk] as Buffer[]) zstdDecompressSync(plane);
  });
  const bytes = stored.flat().reduce((sum, plane) => sum + plane.length, 0);
  return { share: bytes / raw.length, encode, decode };
}
