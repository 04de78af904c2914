/** How often each byte value occurs. */
import { COUNTS, PAIR_COUNTS } from "../workspace";

// @ts-ignore: decorator
@inline function count(table: usize, index: usize): void {
  const at = table + (index << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** u32[256] at COUNTS. */
export function countBytes(src: usize, n: usize, ws: usize): void {
  const t0 = ws + COUNTS, t1 = t0 + 1024, t2 = t0 + 2048, t3 = t0 + 3072;
  memory.fill(t0, 0, 4096);
  let i: usize = 0;
  for (; i + 8 <= n; i += 8) {
    const a = <usize>load<u32>(src + i), b = <usize>load<u32>(src + i, 4);
    count(t0, a & 255);
    count(t1, (a >> 8) & 255);
    count(t2, (a >> 16) & 255);
    count(t3, a >> 24);
    count(t0, b & 255);
    count(t1, (b >> 8) & 255);
    count(t2, (b >> 16) & 255);
    count(t3, b >> 24);
  }
  for (; i < n; i++) count(t0, <usize>load<u8>(src + i));
  for (let k: usize = 0; k < 1024; k += 16) {
    const sum = i32x4.add(i32x4.add(v128.load(t0 + k), v128.load(t1 + k)), i32x4.add(v128.load(t2 + k), v128.load(t3 + k)));
    v128.store(t0 + k, sum);
  }
}

/** Lowest value in the low byte, highest in the high byte. n > 0. */
export function byteRange(src: usize, n: usize): u32 {
  let low: u32 = 255, high: u32 = 0;
  let i: usize = 0;
  if (n >= 16) {
    let lows = v128.load(src), highs = lows;
    for (i = 16; i + 16 <= n; i += 16) {
      const v = v128.load(src + i);
      lows = i8x16.min_u(lows, v);
      highs = i8x16.max_u(highs, v);
    }
    for (let shift = 0; shift < 4; shift++) {
      lows = i8x16.min_u(lows, v128.shuffle<u8>(lows, lows, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0));
      highs = i8x16.max_u(highs, v128.shuffle<u8>(highs, highs, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0));
      lows = i8x16.min_u(lows, v128.shuffle<u8>(lows, lows, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3));
      highs = i8x16.max_u(highs, v128.shuffle<u8>(highs, highs, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3));
    }
    low = i8x16.extract_lane_u(lows, 0);
    high = i8x16.extract_lane_u(highs, 0);
  }
  for (; i < n; i++) {
    const b = <u32>load<u8>(src + i);
    low = min<u32>(low, b);
    high = max<u32>(high, b);
  }
  return low | (high << 8);
}

/** The same counts by way of neighbouring pairs: half the updates, worth it when few values are in use. `low` and `high` bound the values. */
export function countPairs(src: usize, n: usize, low: usize, high: usize, ws: usize): void {
  const pairs = ws + PAIR_COUNTS, counts = ws + COUNTS;
  for (let a = low; a <= high; a++) memory.fill(pairs + (((a << 8) + low) << 2), 0, (high - low + 1) << 2);
  memory.fill(counts, 0, 1024);
  let i: usize = 0;
  for (; i + 8 <= n; i += 8) {
    const a = <usize>load<u32>(src + i), b = <usize>load<u32>(src + i, 4);
    count(pairs, a & 0xffff);
    count(pairs, a >> 16);
    count(pairs, b & 0xffff);
    count(pairs, b >> 16);
  }
  for (; i < n; i++) count(counts, <usize>load<u8>(src + i));
  for (let a = low; a <= high; a++) {
    let sum: u32 = 0;
    for (let b = low; b <= high; b++) {
      const c = load<u32>(pairs + (((a << 8) + b) << 2));
      sum += c;
      store<u32>(counts + (b << 2), load<u32>(counts + (b << 2)) + c);
    }
    store<u32>(counts + (a << 2), load<u32>(counts + (a << 2)) + sum);
  }
}
