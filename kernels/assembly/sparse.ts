/**
 * Zeros out: a bit for each element (lowest bit first, 1 = not zero) and the elements that are not zero, one behind the
 * other. Whole vectors are written at the end of what was kept, so the room for values is that of all elements.
 */
import { COMPACT16, COMPACT32, EXPAND16, EXPAND32 } from "./workspace";

/** Byte shuffles for lanes of `laneBytes` under every mask of `lanes` bits. 0x80 selects zero. */
function prepareShuffles(lanes: u32, laneBytes: u32, compact: usize, expand: usize): void {
  for (let mask: u32 = 0; mask < 1 << lanes; mask++) {
    const close = compact + (mask << 4), open = expand + (mask << 4);
    memory.fill(close, 0x80, 16);
    memory.fill(open, 0x80, 16);
    let kept: u32 = 0;
    for (let lane: u32 = 0; lane < lanes; lane++) {
      if (!((mask >> lane) & 1)) continue;
      for (let b: u32 = 0; b < laneBytes; b++) {
        store<u8>(close + kept * laneBytes + b, <u8>(lane * laneBytes + b));
        store<u8>(open + lane * laneBytes + b, <u8>(kept * laneBytes + b));
      }
      kept++;
    }
  }
}

export function prepareSparse(ws: usize): void {
  prepareShuffles(8, 2, ws + COMPACT16, ws + EXPAND16);
  prepareShuffles(4, 4, ws + COMPACT32, ws + EXPAND32);
}

/** Returns the number of elements kept. `mask` has ⌈n/8⌉ bytes, `values` room for n elements. */
export function compact16(src: usize, n: usize, mask: usize, values: usize, ws: usize): usize {
  const zero = i16x8.splat(0), shuffles = ws + COMPACT16;
  let kept: usize = 0, i: usize = 0;
  for (; i + 8 <= n; i += 8) {
    const v = v128.load(src + (i << 1));
    const bits = <u32>i16x8.bitmask(i16x8.ne(v, zero));
    store<u8>(mask + (i >> 3), <u8>bits);
    v128.store(values + (kept << 1), i8x16.swizzle(v, v128.load(shuffles + (bits << 4))));
    kept += popcnt<u32>(bits);
  }
  if (i < n) store<u8>(mask + (i >> 3), 0);
  for (; i < n; i++) {
    const v = load<u16>(src + (i << 1));
    if (!v) continue;
    store<u8>(mask + (i >> 3), load<u8>(mask + (i >> 3)) | <u8>(<u32>1 << <u32>(i & 7)));
    store<u16>(values + (kept++ << 1), v);
  }
  return kept;
}

export function compact32(src: usize, n: usize, mask: usize, values: usize, ws: usize): usize {
  const zero = i32x4.splat(0), shuffles = ws + COMPACT32;
  let kept: usize = 0, i: usize = 0;
  for (; i + 8 <= n; i += 8) {
    const a = v128.load(src + (i << 2)), b = v128.load(src + (i << 2), 16);
    const low = <u32>i32x4.bitmask(i32x4.ne(a, zero)), high = <u32>i32x4.bitmask(i32x4.ne(b, zero));
    store<u8>(mask + (i >> 3), <u8>(low | (high << 4)));
    v128.store(values + (kept << 2), i8x16.swizzle(a, v128.load(shuffles + (low << 4))));
    kept += popcnt<u32>(low);
    v128.store(values + (kept << 2), i8x16.swizzle(b, v128.load(shuffles + (high << 4))));
    kept += popcnt<u32>(high);
  }
  if (i < n) store<u8>(mask + (i >> 3), 0);
  for (; i < n; i++) {
    const v = load<u32>(src + (i << 2));
    if (!v) continue;
    store<u8>(mask + (i >> 3), load<u8>(mask + (i >> 3)) | <u8>(<u32>1 << <u32>(i & 7)));
    store<u32>(values + (kept++ << 2), v);
  }
  return kept;
}

/** Bits that are set in ⌈n/8⌉ bytes, or -1 when a bit behind the n-th is. */
export function countMask(mask: usize, n: usize): i32 {
  const bytes = (n + 7) >> 3;
  let total: i32 = 0;
  let i: usize = 0;
  for (; i + 8 <= bytes; i += 8) total += <i32>popcnt<u64>(load<u64>(mask + i));
  for (; i < bytes; i++) total += <i32>popcnt<u32>(load<u8>(mask + i));
  if ((n & 7) && <u32>load<u8>(mask + bytes - 1) >> <u32>(n & 7)) return -1;
  return total;
}

/** `values` holds as many elements as the mask has bits (`countMask`), `kept` of them. The vector loop ends where a load would leave them. */
export function expand16(mask: usize, values: usize, kept: usize, n: usize, dst: usize, ws: usize): void {
  const shuffles = ws + EXPAND16;
  let used: usize = 0, i: usize = 0;
  for (; i + 8 <= n && used + 8 <= kept; i += 8) {
    const bits = <u32>load<u8>(mask + (i >> 3));
    v128.store(dst + (i << 1), i8x16.swizzle(v128.load(values + (used << 1)), v128.load(shuffles + (bits << 4))));
    used += popcnt<u32>(bits);
  }
  for (; i < n; i++) {
    const set = (<u32>load<u8>(mask + (i >> 3)) >> <u32>(i & 7)) & 1;
    store<u16>(dst + (i << 1), set && used < kept ? load<u16>(values + (used << 1)) : 0);
    used += set;
  }
}

export function expand32(mask: usize, values: usize, kept: usize, n: usize, dst: usize, ws: usize): void {
  const shuffles = ws + EXPAND32;
  let used: usize = 0, i: usize = 0;
  for (; i + 8 <= n && used + 8 <= kept; i += 8) {
    const bits = <u32>load<u8>(mask + (i >> 3)), low = bits & 15, high = bits >> 4;
    v128.store(dst + (i << 2), i8x16.swizzle(v128.load(values + (used << 2)), v128.load(shuffles + (low << 4))));
    used += popcnt<u32>(low);
    v128.store(dst + (i << 2), i8x16.swizzle(v128.load(values + (used << 2)), v128.load(shuffles + (high << 4))), 16);
    used += popcnt<u32>(high);
  }
  for (; i < n; i++) {
    const set = (<u32>load<u8>(mask + (i >> 3)) >> <u32>(i & 7)) & 1;
    store<u32>(dst + (i << 2), set && used < kept ? load<u32>(values + (used << 2)) : 0);
    used += set;
  }
}

/** Elements of 2 or 4 bytes that are zero. */
export function countZeros16(src: usize, n: usize): usize {
  let zeros: usize = 0, i: usize = 0;
  for (; i + 8 <= n; i += 8) zeros += popcnt<u32>(<u32>i16x8.bitmask(i16x8.eq(v128.load(src + (i << 1)), i16x8.splat(0))));
  for (; i < n; i++) zeros += <usize>(load<u16>(src + (i << 1)) == 0);
  return zeros;
}

export function countZeros32(src: usize, n: usize): usize {
  let zeros: usize = 0, i: usize = 0;
  for (; i + 4 <= n; i += 4) zeros += popcnt<u32>(<u32>i32x4.bitmask(i32x4.eq(v128.load(src + (i << 2)), i32x4.splat(0))));
  for (; i < n; i++) zeros += <usize>(load<u32>(src + (i << 2)) == 0);
  return zeros;
}
