/**
 * Huffman block → byte plane. The input is not trusted: the code must be complete, the streams must fit the block, and
 * each must end exactly where its symbols do. No load leaves the block and no store leaves the plane, whatever the bits.
 */
import { LENGTHS, MULTI, SINGLE } from "../workspace";
import { buildDecodeTables } from "./codes";
import { CODE_BITS_MAX } from "./lengths";

/** Bits stand shifted left by three, so that the masked value is a byte offset into MULTI. */
const INDEX: u64 = ((1 << CODE_BITS_MAX) - 1) << 3;
/** One round of the fast loop is four lookups: at most 24 symbols and 48 bits. */
const SYMBOLS_PER_ROUND: usize = 24;
const BYTES_PER_ROUND: usize = 6;

/** LENGTHS from the head of a block; 0 unless they make a complete code. Returns the bytes of the head. */
function readTable(src: usize, size: usize, ws: usize): usize {
  if (size < 3) return 0;
  const low = <usize>load<u8>(src), high = <usize>load<u8>(src, 1);
  const bytes: usize = 2 + ((high - low + 2) >> 1);
  if (high <= low || bytes + 12 > size) return 0;
  memory.fill(ws + LENGTHS, 0, 256);
  let kraft: u32 = 0;
  for (let s = low; s <= high; s++) {
    const bits = <u32>(load<u8>(src + 2 + ((s - low) >> 1)) >> <u8>(((s - low) & 1) << 2)) & 15;
    if (bits > CODE_BITS_MAX) return 0;
    store<u8>(ws + LENGTHS + s, <u8>bits);
    if (bits) kraft += 1 << (CODE_BITS_MAX - bits);
  }
  const unused = ((high - low) & 1) == 0 && load<u8>(src + bytes - 1) >> 4 != 0;
  return !unused && kraft == <u32>1 << CODE_BITS_MAX ? bytes : 0;
}

/** The 12 bits or more from bit position `bit`, with zeros behind `end`. */
// @ts-ignore: decorator
@inline function peek(bit: u64, end: usize): u32 {
  const at = <usize>(bit >> 3);
  if (at + 4 <= end) return load<u32>(at) >> <u32>(bit & 7);
  let bits: u32 = 0;
  for (let k: usize = 0; at + k < end; k++) bits |= <u32>load<u8>(at + k) << <u32>(k << 3);
  return bits >> <u32>(bit & 7);
}

/** Symbol by symbol down to `start`; true when the stream ends there, with zero bits up to a whole byte. */
function finish(bit: u64, out: usize, start: usize, end: usize, ws: usize): bool {
  const mask: u32 = (1 << CODE_BITS_MAX) - 1;
  while (out > start) {
    const single = <u32>load<u16>(ws + SINGLE + (<usize>(peek(bit, end) & mask) << 1));
    store<u8>(--out, <u8>single);
    bit += single >> 8;
  }
  if (<usize>((bit + 7) >> 3) != end) return false;
  return (bit & 7) == 0 || load<u8>(end - 1) >> <u8>(bit & 7) == 0;
}

/** Fills n bytes at dst. Returns 1, or 0 when the block is not one that the encoder makes for n symbols. */
export function decodeHuffman(src: usize, size: usize, dst: usize, n: usize, ws: usize): i32 {
  const head = readTable(src, size, ws);
  if (!head || n < 4) return 0;
  const sizes = src + head, streams = sizes + 12;
  const size0 = load<u32>(sizes), size1 = load<u32>(sizes, 4), size2 = load<u32>(sizes, 8);
  const tail = n & 3;
  if (size - head - 12 < tail) return 0;
  const room = <u64>(size - head - 12 - tail);
  if (<u64>size0 + <u64>size1 + <u64>size2 > room) return 0;
  const end0 = streams + size0, end1 = end0 + size1, end2 = end1 + size2, end3 = streams + <usize>room;
  buildDecodeTables(ws);

  const multi = ws + MULTI, quarter = n >> 2;
  const g0 = dst, g1 = g0 + quarter, g2 = g1 + quarter, g3 = g2 + quarter;
  let o0 = g1, o1 = g2, o2 = g3, o3 = g3 + quarter;
  let bit0 = <u64>streams << 3, bit1 = <u64>end0 << 3, bit2 = <u64>end1 << 3, bit3 = <u64>end2 << 3;
  for (;;) {
    const left = min<usize>(min<usize>(o0 - g0, o1 - g1), min<usize>(o2 - g2, o3 - g3));
    const furthest = <usize>(max<u64>(max<u64>(bit0, bit1), max<u64>(bit2, bit3)) >> 3);
    if (left < SYMBOLS_PER_ROUND + 8 || furthest + BYTES_PER_ROUND + 8 > end3) break;
    let rounds = min<usize>((left - 8) / SYMBOLS_PER_ROUND, (end3 - furthest - 8) / BYTES_PER_ROUND);
    for (; rounds > 0; rounds--) {
      let x0 = (load<u64>(<usize>(bit0 >> 3)) >> (bit0 & 7)) << 3, x1 = (load<u64>(<usize>(bit1 >> 3)) >> (bit1 & 7)) << 3;
      let x2 = (load<u64>(<usize>(bit2 >> 3)) >> (bit2 & 7)) << 3, x3 = (load<u64>(<usize>(bit3 >> 3)) >> (bit3 & 7)) << 3;
      let at: usize, entry: u64, used0: u64, used1: u64, used2: u64, used3: u64;
      at = multi + <usize>(x0 & INDEX);
      entry = load<u64>(at);
      store<u64>(o0 - 8, entry);
      x0 >>= entry;
      o0 -= <usize>load<u8>(at, 1);
      used0 = entry;
      at = multi + <usize>(x1 & INDEX);
      entry = load<u64>(at);
      store<u64>(o1 - 8, entry);
      x1 >>= entry;
      o1 -= <usize>load<u8>(at, 1);
      used1 = entry;
      at = multi + <usize>(x2 & INDEX);
      entry = load<u64>(at);
      store<u64>(o2 - 8, entry);
      x2 >>= entry;
      o2 -= <usize>load<u8>(at, 1);
      used2 = entry;
      at = multi + <usize>(x3 & INDEX);
      entry = load<u64>(at);
      store<u64>(o3 - 8, entry);
      x3 >>= entry;
      o3 -= <usize>load<u8>(at, 1);
      used3 = entry;
      at = multi + <usize>(x0 & INDEX);
      entry = load<u64>(at);
      store<u64>(o0 - 8, entry);
      x0 >>= entry;
      o0 -= <usize>load<u8>(at, 1);
      used0 += entry;
      at = multi + <usize>(x1 & INDEX);
      entry = load<u64>(at);
      store<u64>(o1 - 8, entry);
      x1 >>= entry;
      o1 -= <usize>load<u8>(at, 1);
      used1 += entry;
      at = multi + <usize>(x2 & INDEX);
      entry = load<u64>(at);
      store<u64>(o2 - 8, entry);
      x2 >>= entry;
      o2 -= <usize>load<u8>(at, 1);
      used2 += entry;
      at = multi + <usize>(x3 & INDEX);
      entry = load<u64>(at);
      store<u64>(o3 - 8, entry);
      x3 >>= entry;
      o3 -= <usize>load<u8>(at, 1);
      used3 += entry;
      at = multi + <usize>(x0 & INDEX);
      entry = load<u64>(at);
      store<u64>(o0 - 8, entry);
      x0 >>= entry;
      o0 -= <usize>load<u8>(at, 1);
      used0 += entry;
      at = multi + <usize>(x1 & INDEX);
      entry = load<u64>(at);
      store<u64>(o1 - 8, entry);
      x1 >>= entry;
      o1 -= <usize>load<u8>(at, 1);
      used1 += entry;
      at = multi + <usize>(x2 & INDEX);
      entry = load<u64>(at);
      store<u64>(o2 - 8, entry);
      x2 >>= entry;
      o2 -= <usize>load<u8>(at, 1);
      used2 += entry;
      at = multi + <usize>(x3 & INDEX);
      entry = load<u64>(at);
      store<u64>(o3 - 8, entry);
      x3 >>= entry;
      o3 -= <usize>load<u8>(at, 1);
      used3 += entry;
      at = multi + <usize>(x0 & INDEX);
      entry = load<u64>(at);
      store<u64>(o0 - 8, entry);
      x0 >>= entry;
      o0 -= <usize>load<u8>(at, 1);
      used0 += entry;
      at = multi + <usize>(x1 & INDEX);
      entry = load<u64>(at);
      store<u64>(o1 - 8, entry);
      x1 >>= entry;
      o1 -= <usize>load<u8>(at, 1);
      used1 += entry;
      at = multi + <usize>(x2 & INDEX);
      entry = load<u64>(at);
      store<u64>(o2 - 8, entry);
      x2 >>= entry;
      o2 -= <usize>load<u8>(at, 1);
      used2 += entry;
      at = multi + <usize>(x3 & INDEX);
      entry = load<u64>(at);
      store<u64>(o3 - 8, entry);
      x3 >>= entry;
      o3 -= <usize>load<u8>(at, 1);
      used3 += entry;
      bit0 += used0 & 255;
      bit1 += used1 & 255;
      bit2 += used2 & 255;
      bit3 += used3 & 255;
    }
  }
  memory.copy(g3 + quarter, end3, tail);
  const whole = finish(bit0, o0, g0, end0, ws) & finish(bit1, o1, g1, end1, ws) & finish(bit2, o2, g2, end2, ws) & finish(bit3, o3, g3, end3, ws);
  return <i32>whole;
}
