/** FastCDC with the 64-bit gear hash in two halves. The masks lie in the upper half. */
import { limits } from "../../../core/limits.ts";
import { cutAll, looseMask, strictMask } from "../content.ts";
import type { ContentKernels } from "../kernels.ts";

const seed = 0x486f6c6466617374n;

/** The first 256 outputs of SplitMix64: [upper half, lower half]. */
function gearTable(): readonly (readonly [number, number])[] {
  const mix = (z: bigint, shift: bigint, factor: bigint): bigint => BigInt.asUintN(64, (z ^ (z >> shift)) * factor);
  return Array.from({ length: 256 }, (_, i) => {
    const state = BigInt.asUintN(64, seed + BigInt(i + 1) * 0x9e3779b97f4a7c15n);
    const mixed = mix(mix(state, 30n, 0xbf58476d1ce4e5b9n), 27n, 0x94d049bb133111ebn);
    const value = mixed ^ (mixed >> 31n);
    return [Number(value >> 32n), Number(value & 0xffffffffn)];
  });
}

const gear = gearTable();
const upper = (mask: bigint): number => Number(mask >> 32n);

function firstCut(bytes: Uint8Array): number {
  const { contentChunkBytesMin: min, contentChunkBytesAverage: average, contentChunkBytesMax: max } = limits;
  const end = Math.min(bytes.length, max);
  let high = 0;
  let low = 0;
  for (let i = min; i < end; i++) {
    const [gearHigh, gearLow] = gear[bytes[i] as number] as readonly [number, number];
    const sum = low * 2 + gearLow;
    low = sum >>> 0;
    high = (high * 2 + gearHigh + Math.floor(sum / 2 ** 32)) >>> 0;
    if ((high & upper(i < average ? strictMask : looseMask)) === 0) return i + 1;
  }
  return end === max ? max : 0;
}

export const twinContent: ContentKernels = {
  cutContent: (bytes, atEnd) => cutAll(bytes, atEnd, (rest) => (rest.length > limits.contentChunkBytesMin ? firstCut(rest) : 0)),
};
