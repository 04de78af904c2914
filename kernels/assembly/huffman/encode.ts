/** Byte plane → Huffman block (docs/format-encodings.md, "Huffman block"). */
import { CODES, COUNTS, LENGTHS, PAIR_CODES, SPILL } from "../workspace";
import { assignCodes, joinCodes } from "./codes";
import { byteRange, countBytes, countPairs } from "./histogram";
import { buildLengths } from "./lengths";

/** With more values than this a table of pairs leaves the cache, and single codes are faster. */
const PAIR_RANGE_MAX: u32 = 80;

// @ts-ignore: decorator
@inline function bitsOf(code: u32): u64 {
  return <u64>(code & 0xffffff);
}

/** Two streams side by side, so that neither waits for its own stores. Symbols go in from the last to the first. Returns both sizes. */
// @ts-ignore: decorator
@inline function encodeTwo(a: usize, b: usize, n: usize, outA: usize, outB: usize, pairs: bool, ws: usize): u64 {
  const codes = ws + CODES, joined = ws + PAIR_CODES;
  let accA: u64 = 0, fillA: u64 = 0, atA = outA;
  let accB: u64 = 0, fillB: u64 = 0, atB = outB;
  let i = n;
  for (; i >= 4; i -= 4) {
    const x = <usize>load<u32>(a + i - 4), y = <usize>load<u32>(b + i - 4);
    if (pairs) {
      const a1 = load<u32>(joined + ((x >> 16) << 2)), b1 = load<u32>(joined + ((y >> 16) << 2));
      const a0 = load<u32>(joined + ((x & 0xffff) << 2)), b0 = load<u32>(joined + ((y & 0xffff) << 2));
      accA |= bitsOf(a1) << fillA;
      fillA += a1 >> 24;
      accB |= bitsOf(b1) << fillB;
      fillB += b1 >> 24;
      accA |= bitsOf(a0) << fillA;
      fillA += a0 >> 24;
      accB |= bitsOf(b0) << fillB;
      fillB += b0 >> 24;
    } else {
      const a3 = load<u32>(codes + ((x >> 24) << 2)), b3 = load<u32>(codes + ((y >> 24) << 2));
      const a2 = load<u32>(codes + (((x >> 16) & 255) << 2)), b2 = load<u32>(codes + (((y >> 16) & 255) << 2));
      const a1 = load<u32>(codes + (((x >> 8) & 255) << 2)), b1 = load<u32>(codes + (((y >> 8) & 255) << 2));
      const a0 = load<u32>(codes + ((x & 255) << 2)), b0 = load<u32>(codes + ((y & 255) << 2));
      const highA = bitsOf(a3) | (bitsOf(a2) << (a3 >> 24)), highB = bitsOf(b3) | (bitsOf(b2) << (b3 >> 24));
      const lowA = bitsOf(a1) | (bitsOf(a0) << (a1 >> 24)), lowB = bitsOf(b1) | (bitsOf(b0) << (b1 >> 24));
      accA |= highA << fillA;
      fillA += (a3 >> 24) + (a2 >> 24);
      accB |= highB << fillB;
      fillB += (b3 >> 24) + (b2 >> 24);
      accA |= lowA << fillA;
      fillA += (a1 >> 24) + (a0 >> 24);
      accB |= lowB << fillB;
      fillB += (b1 >> 24) + (b0 >> 24);
    }
    store<u64>(atA, accA);
    atA += <usize>(fillA >> 3);
    accA >>= fillA & 56;
    fillA &= 7;
    store<u64>(atB, accB);
    atB += <usize>(fillB >> 3);
    accB >>= fillB & 56;
    fillB &= 7;
  }
  for (; i > 0; i--) {
    const ca = load<u32>(codes + (<usize>load<u8>(a + i - 1) << 2)), cb = load<u32>(codes + (<usize>load<u8>(b + i - 1) << 2));
    accA |= bitsOf(ca) << fillA;
    fillA += ca >> 24;
    accB |= bitsOf(cb) << fillB;
    fillB += cb >> 24;
    store<u64>(atA, accA);
    atA += <usize>(fillA >> 3);
    accA >>= fillA & 56;
    fillA &= 7;
    store<u64>(atB, accB);
    atB += <usize>(fillB >> 3);
    accB >>= fillB & 56;
    fillB &= 7;
  }
  store<u64>(atA, accA);
  store<u64>(atB, accB);
  const sizeA = atA - outA + <usize>(fillA > 0), sizeB = atB - outB + <usize>(fillB > 0);
  return <u64>sizeA | (<u64>sizeB << 32);
}

/** Bytes of the code lengths in a block: first and last symbol, then half a byte for each from the first to the last. */
// @ts-ignore: decorator
@inline function tableBytes(low: usize, high: usize): usize {
  return 2 + ((high - low + 2) >> 1);
}

function writeTable(low: usize, high: usize, dst: usize, ws: usize): usize {
  store<u8>(dst, <u8>low);
  store<u8>(dst, <u8>high, 1);
  let at = dst + 2;
  for (let s = low; s <= high; s += 2) {
    const second = s < high ? load<u8>(ws + LENGTHS + s + 1) : 0;
    store<u8>(at++, load<u8>(ws + LENGTHS + s) | (second << 4));
  }
  return at;
}

function codedBits(ws: usize): u64 {
  let bits: u64 = 0;
  for (let s: usize = 0; s < 256; s++) bits += <u64>load<u32>(ws + COUNTS + (s << 2)) * <u64>load<u8>(ws + LENGTHS + s);
  return bits;
}

/**
 * Returns the bytes written, or 0 when the block would need more than `room` bytes or the plane has fewer than two
 * values. SPILL must have room for 1.5 × n bytes and 64 more. The last n mod 4 symbols follow the streams as they are.
 */
export function encodeHuffman(src: usize, n: usize, dst: usize, room: usize, ws: usize): usize {
  if (n < 4) return 0;
  const range = byteRange(src, n), low = <usize>(range & 255), high = <usize>(range >> 8);
  if (low == high) return 0;
  const pairs = high - low < PAIR_RANGE_MAX;
  if (pairs) countPairs(src, n, low, high, ws);
  else countBytes(src, n, ws);
  buildLengths(ws);
  const head = tableBytes(low, high) + 12;
  // Each of the four streams may end in a byte that is not full.
  if (head + <usize>(codedBits(ws) >> 3) + 4 + (n & 3) > room) return 0;
  assignCodes(ws);
  const quarter = n >> 2, lane = quarter + (quarter >> 1) + 16;
  const s0 = ws + SPILL, s1 = s0 + lane, s2 = s1 + lane, s3 = s2 + lane;
  let first: u64, second: u64;
  if (pairs) {
    joinCodes(ws);
    first = encodeTwo(src, src + quarter, quarter, s0, s1, true, ws);
    second = encodeTwo(src + 2 * quarter, src + 3 * quarter, quarter, s2, s3, true, ws);
  } else {
    first = encodeTwo(src, src + quarter, quarter, s0, s1, false, ws);
    second = encodeTwo(src + 2 * quarter, src + 3 * quarter, quarter, s2, s3, false, ws);
  }
  const size0 = <usize>(first & 0xffffffff), size1 = <usize>(first >> 32), size2 = <usize>(second & 0xffffffff), size3 = <usize>(second >> 32);
  let at = writeTable(low, high, dst, ws);
  store<u32>(at, <u32>size0);
  store<u32>(at, <u32>size1, 4);
  store<u32>(at, <u32>size2, 8);
  at += 12;
  memory.copy(at, s0, size0);
  at += size0;
  memory.copy(at, s1, size1);
  at += size1;
  memory.copy(at, s2, size2);
  at += size2;
  memory.copy(at, s3, size3);
  at += size3;
  memory.copy(at, src + 4 * quarter, n & 3);
  return at + (n & 3) - dst;
}
