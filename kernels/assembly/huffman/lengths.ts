/** Code lengths of at most 12 bits for the symbol counts, as a complete code (Kraft sum exactly 1). */
import { BUILD, COUNTS, LENGTHS } from "../workspace";

export const CODE_BITS_MAX: u32 = 12;
const FULL: u32 = 1 << CODE_BITS_MAX;

/** Symbols in use, rarest first (equal counts: lowest symbol first). Then four u32 arrays of up to 512 nodes. */
const SYMBOLS: usize = BUILD;
const WEIGHTS: usize = BUILD + 2048;
const PARENTS: usize = BUILD + 6144;
const DEPTHS: usize = BUILD + 10240;

// @ts-ignore: decorator
@inline function get(base: usize, i: i32): u32 {
  return load<u32>(base + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline function set(base: usize, i: i32, value: u32): void {
  store<u32>(base + (<usize>i << 2), value);
}

function sortSymbols(ws: usize): i32 {
  const symbols = ws + SYMBOLS, counts = ws + COUNTS;
  let used = 0;
  for (let s = 0; s < 256; s++) {
    const count = get(counts, s);
    if (!count) continue;
    let at = used++;
    for (; at > 0 && get(counts, get(symbols, at - 1)) > count; at--) set(symbols, at, get(symbols, at - 1));
    set(symbols, at, s);
  }
  return used;
}

/** Depths in the Huffman tree by two queues: leaves sorted, joined nodes in the order they are made. */
function measureDepths(ws: usize, used: i32): void {
  const weights = ws + WEIGHTS, parents = ws + PARENTS, depths = ws + DEPTHS;
  for (let i = 0; i < used; i++) set(weights, i, get(ws + COUNTS, get(ws + SYMBOLS, i)));
  let leaf = 0, node = used;
  for (let next = used; next < 2 * used - 1; next++) {
    let weight: u32 = 0;
    for (let k = 0; k < 2; k++) {
      const takeLeaf = leaf < used && (node >= next || get(weights, leaf) <= get(weights, node));
      const taken = takeLeaf ? leaf++ : node++;
      weight += get(weights, taken);
      set(parents, taken, next);
    }
    set(weights, next, weight);
  }
  set(depths, 2 * used - 2, 0);
  for (let i = 2 * used - 3; i >= 0; i--) set(depths, i, get(depths, get(parents, i)) + 1);
}

/** Cuts depths at 12, then lengthens the rarest and shortens the most frequent until the Kraft sum is exactly one. */
function limitDepths(ws: usize, used: i32): void {
  const depths = ws + DEPTHS;
  let kraft: u32 = 0;
  for (let i = 0; i < used; i++) {
    const depth = min<u32>(get(depths, i), CODE_BITS_MAX);
    set(depths, i, depth);
    kraft += FULL >> depth;
  }
  for (let i = 0; kraft > FULL; ) {
    const depth = get(depths, i);
    if (depth == CODE_BITS_MAX) {
      i++;
      continue;
    }
    set(depths, i, depth + 1);
    kraft -= FULL >> (depth + 1);
  }
  // The gap is a sum of the lengths in use, so each pass closes some of it.
  while (kraft < FULL) {
    for (let i = used - 1; i >= 0; i--) {
      let depth = get(depths, i);
      for (; depth > 1 && kraft + (FULL >> depth) <= FULL; depth--) kraft += FULL >> depth;
      set(depths, i, depth);
    }
  }
}

/** Fills LENGTHS from COUNTS and returns the number of symbols in use; with fewer than two there is no code. */
export function buildLengths(ws: usize): i32 {
  memory.fill(ws + LENGTHS, 0, 256);
  const used = sortSymbols(ws);
  if (used < 2) return used;
  measureDepths(ws, used);
  limitDepths(ws, used);
  for (let i = 0; i < used; i++) store<u8>(ws + LENGTHS + get(ws + SYMBOLS, i), <u8>get(ws + DEPTHS, i));
  return used;
}
