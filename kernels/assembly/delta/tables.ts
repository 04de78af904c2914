/**
 * Tables of the delta coder. Each of 16 contexts (how far the exponent of the base element lies below the top) has its own
 * distribution of symbols and its own tANS automaton (Duda, "Asymmetric numeral systems", arXiv:1311.2540).
 * A symbol is a zigzag difference below 24, or a half octave above it with the rest of its bits beside.
 */
import { DELTA } from "../workspace";

export const CONTEXTS: usize = 16;
/** Room for symbols of a context: 47 are used for 16-bit elements, 79 for 32-bit ones. */
export const SYMBOLS: usize = 128;
export const DIRECT: u32 = 24;
export const STATE_BITS: u32 = 10;
export const STATES: u32 = 1 << STATE_BITS;

/** u32[2][16][128]: how often each symbol occurs; the second half takes every other element. */
export const SLOT_COUNTS: usize = DELTA;
/** u16[16][128]: the same, scaled so that a context in use has STATES in all. */
export const NORMS: usize = DELTA + 16384;
/** u64[16][STATES]: what a state decodes to (`writeDecodeEntry`). */
export const DECODE: usize = DELTA + 20480;
/** u16[16][STATES]: states of each context by symbol and rank. */
export const NEXT_STATES: usize = DELTA + 151552;
/** For each of 16 × 128 symbols eight bytes: u32 bits to shift out, i16 rank offset, u16 extra bits. */
export const ENCODE: usize = DELTA + 184320;
/** u8[STATES]: the symbol of each state of the context at hand. */
export const SPREAD: usize = DELTA + 200704;
/** u32[128]: the next rank of each symbol. */
export const RANKS: usize = DELTA + 201728;

/** Elements that are worked on at a time, in buffers that stay in the nearest cache. */
export const BLOCK: usize = 4096;
/** u32[BLOCK] or u16[BLOCK]: zigzag differences. */
export const DIFFERENCES: usize = DELTA + 204800;
/** u16[BLOCK]: context and symbol, or u8[BLOCK]: context alone. */
export const SLOTS: usize = DELTA + 221184;

export function extraBits(symbol: u32): u32 {
  return symbol < DIRECT ? 0 : ((symbol + 1 - DIRECT) >> 1) + 3;
}

export function symbolBase(symbol: u32): u32 {
  return symbol < DIRECT ? symbol : (2 | ((symbol + 1 - DIRECT) & 1)) << extraBits(symbol);
}

/** Spreads the symbols of a context over its states, an odd step apart, in proportion to their norms. */
function spread(context: usize, ws: usize): void {
  const norms = ws + NORMS + ((context * SYMBOLS) << 1), step = (STATES >> 1) + (STATES >> 3) + 3;
  let state: u32 = 0;
  for (let s: usize = 0; s < SYMBOLS; s++) {
    for (let k = <u32>load<u16>(norms + (s << 1)); k > 0; k--) {
      store<u8>(ws + SPREAD + state, <u8>s);
      state = (state + step) & (STATES - 1);
    }
  }
}

/**
 * Low 32 bits: base value of the symbol. Then 16 bits with the state's base, six with the bits that complete it, ten with
 * the extra bits of the value.
 */
// @ts-ignore: decorator
@inline function writeDecodeEntry(at: usize, symbol: u32, rank: u32): void {
  const bits = STATE_BITS - (31 - clz<u32>(rank)), state = (rank << bits) - STATES;
  store<u32>(at, symbolBase(symbol));
  store<u16>(at, <u16>state, 4);
  store<u8>(at, <u8>bits, 6);
  store<u8>(at, <u8>extraBits(symbol), 7);
}

/** DECODE from NORMS, which must add up to STATES in every context. */
export function buildDeltaDecode(ws: usize): void {
  const ranks = ws + RANKS;
  for (let c: usize = 0; c < CONTEXTS; c++) {
    spread(c, ws);
    for (let s: usize = 0; s < SYMBOLS; s++) store<u32>(ranks + (s << 2), load<u16>(ws + NORMS + ((c * SYMBOLS + s) << 1)));
    const table = ws + DECODE + (c << (STATE_BITS + 3));
    for (let state: usize = 0; state < STATES; state++) {
      const symbol = <u32>load<u8>(ws + SPREAD + state), at = ranks + (symbol << 2), rank = load<u32>(at);
      store<u32>(at, rank + 1);
      writeDecodeEntry(table + (state << 3), symbol, rank);
    }
  }
}

/** ENCODE and NEXT_STATES from NORMS. A state is shifted right by the high half of (state + u32), then its rank looked up. */
export function buildDeltaEncode(ws: usize): void {
  const ranks = ws + RANKS;
  memory.fill(ws + ENCODE, 0, (CONTEXTS * SYMBOLS) << 3);
  for (let c: usize = 0; c < CONTEXTS; c++) {
    spread(c, ws);
    const first = <u32>c << STATE_BITS;
    let sum: u32 = 0;
    for (let s: usize = 0; s < SYMBOLS; s++) {
      const norm = <u32>load<u16>(ws + NORMS + ((c * SYMBOLS + s) << 1)), at = ws + ENCODE + ((c * SYMBOLS + s) << 3);
      store<u32>(ranks + (s << 2), sum);
      if (!norm) continue;
      const most = norm == 1 ? STATE_BITS : STATE_BITS - (31 - clz<u32>(norm - 1));
      store<u32>(at, (most << 16) - (norm << most));
      store<i16>(at, <i16>(first + sum - norm), 4);
      store<u16>(at, <u16>extraBits(<u32>s), 6);
      sum += norm;
    }
    if (!sum) continue;
    for (let state: u32 = 0; state < STATES; state++) {
      const at = ranks + (<usize>load<u8>(ws + SPREAD + state) << 2), rank = load<u32>(at);
      store<u32>(at, rank + 1);
      store<u16>(ws + NEXT_STATES + (<usize>(first + rank) << 1), <u16>(STATES + state));
    }
  }
}
