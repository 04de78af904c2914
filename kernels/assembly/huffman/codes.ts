/**
 * From code lengths to codes and decoding tables. Codes are canonical (by length, then by symbol) and stored with their
 * bits reversed, because the streams are filled and read from the lowest bit.
 */
import { CODES, LENGTHS, MULTI, PAIR_CODES, SINGLE } from "../workspace";
import { CODE_BITS_MAX } from "./lengths";

const ENTRIES: u32 = 1 << CODE_BITS_MAX;
/** Symbols in one entry of MULTI: the top six of its eight bytes. */
const SYMBOLS_PER_ENTRY: u32 = 6;

function reverse(code: u32, bits: u32): u32 {
  let result: u32 = 0;
  for (let k: u32 = 0; k < bits; k++) result |= ((code >> k) & 1) << (bits - 1 - k);
  return result;
}

/** CODES from LENGTHS. */
export function assignCodes(ws: usize): void {
  let code: u32 = 0;
  for (let bits: u32 = 1; bits <= CODE_BITS_MAX; bits++, code <<= 1) {
    for (let s: usize = 0; s < 256; s++) {
      if (load<u8>(ws + LENGTHS + s) != <u8>bits) continue;
      store<u32>(ws + CODES + (s << 2), reverse(code++, bits) | (bits << 24));
    }
  }
}

/** PAIR_CODES for all pairs of symbols in use: the code of the later symbol (high byte) comes first in the stream. */
export function joinCodes(ws: usize): void {
  const codes = ws + CODES, pairs = ws + PAIR_CODES;
  for (let late: usize = 0; late < 256; late++) {
    if (!load<u8>(ws + LENGTHS + late)) continue;
    const first = load<u32>(codes + (late << 2)), bits = first >> 24;
    for (let early: usize = 0; early < 256; early++) {
      if (!load<u8>(ws + LENGTHS + early)) continue;
      const second = load<u32>(codes + (early << 2));
      const joined = (first & 0xffffff) | ((second & 0xffffff) << bits);
      store<u32>(pairs + (((late << 8) | early) << 2), joined | ((bits + (second >> 24)) << 24));
    }
  }
}

/** SINGLE: for every 12 bits the symbol they start with, and its length in the high byte. The code must be complete. */
function fillSingle(ws: usize): void {
  for (let s: u32 = 0; s < 256; s++) {
    const bits = <u32>load<u8>(ws + LENGTHS + s);
    if (!bits) continue;
    const code = load<u32>(ws + CODES + (<usize>s << 2)) & 0xffffff;
    for (let x = code; x < ENTRIES; x += 1 << bits) store<u16>(ws + SINGLE + (<usize>x << 1), <u16>(s | (bits << 8)));
  }
}

/**
 * MULTI: for every 12 bits all symbols that they hold whole, at most six. Symbols stand from the top byte down, because
 * decoding writes downwards; byte 0 has the bits used, byte 1 the number of symbols.
 */
export function buildDecodeTables(ws: usize): void {
  assignCodes(ws);
  fillSingle(ws);
  for (let x: u32 = 0; x < ENTRIES; x++) {
    let rest = x, used: u32 = 0, symbols: u32 = 0, entry: u64 = 0;
    while (symbols < SYMBOLS_PER_ENTRY) {
      const single = <u32>load<u16>(ws + SINGLE + (<usize>rest << 1)), bits = single >> 8;
      if (used + bits > CODE_BITS_MAX) break;
      entry |= <u64>(single & 255) << (56 - (symbols << 3));
      symbols++;
      used += bits;
      rest >>= bits;
    }
    store<u64>(ws + MULTI + (<usize>x << 3), entry | <u64>(used | (symbols << 8)));
  }
}
