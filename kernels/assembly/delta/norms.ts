/** Counts of the symbols in each context, scaled to the number of states, and their stored form. */
import { BLOCK, CONTEXTS, DIFFERENCES, NORMS, SLOT_COUNTS, SLOTS, STATES, SYMBOLS } from "./tables";
import { slots } from "./slots";

// @ts-ignore: decorator
@inline function count(table: usize, slot: usize): void {
  const at = table + (slot << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** u32[16][128] at SLOT_COUNTS. */
export function countSlots<T>(raw: usize, base: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, ws: usize): void {
  const even = ws + SLOT_COUNTS, odd = even + ((CONTEXTS * SYMBOLS) << 2);
  memory.fill(even, 0, (CONTEXTS * SYMBOLS) << 3);
  for (let from: usize = 0; from < n; from += BLOCK) {
    const block = min<usize>(BLOCK, n - from);
    slots<T>(raw + from * sizeof<T>(), base + from * sizeof<T>(), block, shift, mask, top, dropped, ws + DIFFERENCES, ws + SLOTS);
    for (let i: usize = 0; i < block; i += 4) {
      const four = load<u64>(ws + SLOTS + (i << 1));
      count(even, <usize>(four & 0xffff));
      count(odd, <usize>((four >> 16) & 0xffff));
      count(even, <usize>((four >> 32) & 0xffff));
      count(odd, <usize>(four >> 48));
    }
  }
  for (let k: usize = 0; k < (CONTEXTS * SYMBOLS) << 2; k += 16) v128.store(even + k, i32x4.add(v128.load(even + k), v128.load(odd + k)));
}

/** In proportion, at least 1 for what occurs; the difference to STATES is put on the largest, or taken from it and others above 1. */
function scale(counts: usize, norms: usize): void {
  let total: u64 = 0;
  for (let s: usize = 0; s < SYMBOLS; s++) total += load<u32>(counts + (s << 2));
  if (!total) return;
  let left = <i32>STATES;
  for (let s: usize = 0; s < SYMBOLS; s++) {
    const occurs = <u64>load<u32>(counts + (s << 2));
    if (!occurs) continue;
    const norm = max<u32>(1, <u32>((occurs * STATES + (total >> 1)) / total));
    store<u16>(norms + (s << 1), <u16>norm);
    left -= <i32>norm;
  }
  while (left != 0) {
    let largest: usize = 0;
    for (let s: usize = 1; s < SYMBOLS; s++) if (load<u16>(norms + (s << 1)) > load<u16>(norms + (largest << 1))) largest = s;
    const change = left > 0 ? left : -1;
    store<u16>(norms + (largest << 1), <u16>(<i32>load<u16>(norms + (largest << 1)) + change));
    left -= change;
  }
}

/** NORMS from SLOT_COUNTS; all zero for a context that does not occur. */
export function scaleCounts(ws: usize): void {
  memory.fill(ws + NORMS, 0, (CONTEXTS * SYMBOLS) << 1);
  for (let c: usize = 0; c < CONTEXTS; c++) scale(ws + SLOT_COUNTS + ((c * SYMBOLS) << 2), ws + NORMS + ((c * SYMBOLS) << 1));
}

/** Stored bytes of all norms at most: a count, and two bytes for each symbol. */
export const NORM_BYTES_MAX: usize = CONTEXTS * (1 + 2 * SYMBOLS);

/** For each context the number of symbols up to the last in use, then their norms: one byte below 128, else two. Returns the end. */
export function writeNorms(dst: usize, ws: usize): usize {
  for (let c: usize = 0; c < CONTEXTS; c++) {
    const norms = ws + NORMS + ((c * SYMBOLS) << 1);
    let used = SYMBOLS;
    while (used > 0 && load<u16>(norms + ((used - 1) << 1)) == 0) used--;
    store<u8>(dst++, <u8>used);
    for (let s: usize = 0; s < used; s++) {
      const norm = <u32>load<u16>(norms + (s << 1));
      if (norm >= 128) store<u8>(dst++, <u8>(128 | (norm >> 8)));
      store<u8>(dst++, <u8>norm);
    }
  }
  return dst;
}

/**
 * NORMS from the stored form; a context without symbols gets one that is never read by a true stream. Returns the end, or
 * 0 when a context does not add up, names a symbol past `symbols`, or the bytes end.
 */
export function readNorms(src: usize, end: usize, symbols: usize, ws: usize): usize {
  memory.fill(ws + NORMS, 0, (CONTEXTS * SYMBOLS) << 1);
  for (let c: usize = 0; c < CONTEXTS; c++) {
    const norms = ws + NORMS + ((c * SYMBOLS) << 1);
    if (src >= end) return 0;
    const used = <usize>load<u8>(src++);
    if (used > symbols) return 0;
    let sum: u32 = 0, norm: u32 = 0;
    for (let s: usize = 0; s < used; s++) {
      if (src >= end) return 0;
      norm = load<u8>(src++);
      if (norm >= 128) {
        if (src >= end) return 0;
        norm = ((norm & 127) << 8) | load<u8>(src++);
        if (norm < 128 || norm > STATES) return 0;
      }
      store<u16>(norms + (s << 1), <u16>norm);
      sum += norm;
    }
    if (used == 0) store<u16>(norms, <u16>STATES);
    else if (sum != STATES || norm == 0) return 0;
  }
  return src;
}
