/**
 * Cuts where the content says so: FastCDC with normalized chunking (Xia et al., "The Design of Fast Content-Defined
 * Chunking for Data Deduplication Based Storage Systems", IEEE TPDS 2020). The gear hash of the last 64 bytes is
 * tested with a stricter mask below the average length and a looser one above it.
 */
import { GEAR } from "./workspace";

/** The seed spells "Holdfast". Changing it changes every cut, and with it what deduplicates. */
const GEAR_SEED: u64 = 0x486f6c6466617374;

/** Gear values: the first 256 outputs of SplitMix64 (Steele, Lea, Flood 2014). */
export function prepareGear(ws: usize): void {
  let state = GEAR_SEED;
  for (let i: usize = 0; i < 256; i++) {
    state += 0x9e3779b97f4a7c15;
    let z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    store<u64>(ws + GEAR + (i << 3), z ^ (z >> 31));
  }
}

/** First position after `from`, at most `to`, where the hash has all `mask` bits zero; 0 when there is none. The hash goes on in `hash[0]`. */
// @ts-ignore: decorator
@inline function scan(src: usize, from: usize, to: usize, mask: u64, hash: usize, gear: usize): usize {
  let h = load<u64>(hash);
  for (let i = from; i < to; i++) {
    h = (h << 1) + load<u64>(gear + (<usize>load<u8>(src + i) << 3));
    if (!(h & mask)) return i + 1;
  }
  store<u64>(hash, h);
  return 0;
}

/** Length of the first chunk of `n` bytes, or 0 when its end is not among them. `hash` is eight bytes of working room. */
export function cutContent(src: usize, n: usize, min: usize, average: usize, max: usize, strict: u64, loose: u64, ws: usize): usize {
  if (n <= min) return 0;
  const limit = n < max ? n : max, normal = average < limit ? average : limit;
  const gear = ws + GEAR;
  store<u64>(ws, 0);
  const early = scan(src, min, normal, strict, ws, gear);
  if (early) return early;
  const late = scan(src, normal, limit, loose, ws, gear);
  if (late) return late;
  return limit == max ? max : 0;
}
