/**
 * Delta block → elements. The input is not trusted: norms must add up, streams must fit the block, and each must end
 * exactly where its elements do, in the state that its encoder began with. No load leaves the block, no store the output.
 */
import { buildDeltaDecode, BLOCK, DECODE, DIFFERENCES, SLOTS, STATE_BITS } from "./tables";
import { readNorms } from "./norms";
import { contexts, undo } from "./slots";

const HEAD_BYTES: usize = 20;

// @ts-ignore: decorator
@inline function put<T>(ws: usize, i: usize, value: u32): void {
  if (sizeof<T>() == 2) store<u16>(ws + DIFFERENCES + (i << 1), <u16>value);
  else store<u32>(ws + DIFFERENCES + (i << 2), value);
}

/** At least 56 bits from bit position `bit`, with zeros behind `end`. */
function peek(bit: u64, end: usize): u64 {
  const at = <usize>(bit >> 3);
  if (at + 8 <= end) return load<u64>(at) >> (bit & 7);
  let bits: u64 = 0;
  for (let k: usize = 0; at + k < end; k++) bits |= <u64>load<u8>(at + k) << <u64>(k << 3);
  return bits >> (bit & 7);
}

/** Byte offset of the first state in its table. */
// @ts-ignore: decorator
@inline function firstState(at: usize): usize {
  return <usize>(<u32>load<u16>(at) & ((1 << STATE_BITS) - 1)) << 3;
}

/** Bits to skip before the first of a stream, or 8 when the start is not one that an encoder writes: what is skipped is zero. */
function skipped(at: usize, stream: usize, size: usize): u64 {
  const skip = <u32>load<u16>(at) >> STATE_BITS;
  if (skip > 7) return 8;
  if (skip == 0) return 0;
  return size > 0 && (<u32>load<u8>(stream) & ((<u32>1 << skip) - 1)) == 0 ? <u64>skip : 8;
}

/** Fills n elements (a multiple of 8) at dst; 0 when the block is not one that the encoder makes. */
function decode<T>(src: usize, size: usize, base: usize, dst: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, symbols: usize, ws: usize): i32 {
  const end = src + size, head = readNorms(src, end, symbols, ws);
  if (!head || end - head < HEAD_BYTES) return 0;
  const size0 = load<u32>(head, 8), size1 = load<u32>(head, 12), size2 = load<u32>(head, 16), streams = head + HEAD_BYTES;
  if (<u64>size0 + <u64>size1 + <u64>size2 > <u64>(end - streams)) return 0;
  const end0 = streams + size0, end1 = end0 + size1, end2 = end1 + size2;
  buildDeltaDecode(ws);

  const skip0 = skipped(head, streams, size0), skip1 = skipped(head + 2, end0, size1);
  const skip2 = skipped(head + 4, end1, size2), skip3 = skipped(head + 6, end2, end - end2);
  if ((skip0 | skip1 | skip2 | skip3) > 7) return 0;
  let bit0 = (<u64>streams << 3) + skip0, bit1 = (<u64>end0 << 3) + skip1, bit2 = (<u64>end1 << 3) + skip2, bit3 = (<u64>end2 << 3) + skip3;
  let state0 = firstState(head), state1 = firstState(head + 2), state2 = firstState(head + 4), state3 = firstState(head + 6);
  // Four elements take at most 10 + 14 bits each of 16-bit elements, 10 + 30 of 32-bit ones: two of a stream at most ten bytes.
  const tables = ws + DECODE, bytesPerRound: usize = sizeof<T>() == 2 ? 6 : 10;
  for (let from: usize = 0; from < n; from += BLOCK) {
    const block = min<usize>(BLOCK, n - from);
    contexts<T>(base + from * sizeof<T>(), block, shift, mask, top, ws + SLOTS);
    let x0: u64, x1: u64, x2: u64, x3: u64, entry: usize, extra: u64, bits: u64;
    let i: usize = 0;
    while (i + 8 <= block) {
      const furthest = <usize>(max<u64>(max<u64>(bit0, bit1), max<u64>(bit2, bit3)) >> 3) + 16;
      if (furthest + bytesPerRound > end) break;
      const fast = i + min<usize>(block - i, ((end - furthest) / bytesPerRound) << 3);
      for (; i < fast; i += 8) {
        x0 = (load<u64>(<usize>(bit0 >> 3)) >> (bit0 & 7)) << 3;
        x1 = (load<u64>(<usize>(bit1 >> 3)) >> (bit1 & 7)) << 3;
        x2 = (load<u64>(<usize>(bit2 >> 3)) >> (bit2 & 7)) << 3;
        x3 = (load<u64>(<usize>(bit3 >> 3)) >> (bit3 & 7)) << 3;
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 0) << (STATE_BITS + 3)) + state0;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 0, load<u32>(entry) + (<u32>(x0 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x0 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state0 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x0 & (((<usize>1 << <usize>bits) - 1) << 3));
        x0 >>= bits;
        bit0 += extra + bits;
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 1) << (STATE_BITS + 3)) + state1;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 1, load<u32>(entry) + (<u32>(x1 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x1 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state1 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x1 & (((<usize>1 << <usize>bits) - 1) << 3));
        x1 >>= bits;
        bit1 += extra + bits;
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 2) << (STATE_BITS + 3)) + state2;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 2, load<u32>(entry) + (<u32>(x2 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x2 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state2 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x2 & (((<usize>1 << <usize>bits) - 1) << 3));
        x2 >>= bits;
        bit2 += extra + bits;
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 3) << (STATE_BITS + 3)) + state3;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 3, load<u32>(entry) + (<u32>(x3 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x3 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state3 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x3 & (((<usize>1 << <usize>bits) - 1) << 3));
        x3 >>= bits;
        bit3 += extra + bits;
        if (sizeof<T>() == 4) {
          x0 = (load<u64>(<usize>(bit0 >> 3)) >> (bit0 & 7)) << 3;
          x1 = (load<u64>(<usize>(bit1 >> 3)) >> (bit1 & 7)) << 3;
          x2 = (load<u64>(<usize>(bit2 >> 3)) >> (bit2 & 7)) << 3;
          x3 = (load<u64>(<usize>(bit3 >> 3)) >> (bit3 & 7)) << 3;
        }
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 4) << (STATE_BITS + 3)) + state0;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 4, load<u32>(entry) + (<u32>(x0 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x0 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state0 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x0 & (((<usize>1 << <usize>bits) - 1) << 3));
        x0 >>= bits;
        bit0 += extra + bits;
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 5) << (STATE_BITS + 3)) + state1;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 5, load<u32>(entry) + (<u32>(x1 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x1 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state1 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x1 & (((<usize>1 << <usize>bits) - 1) << 3));
        x1 >>= bits;
        bit1 += extra + bits;
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 6) << (STATE_BITS + 3)) + state2;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 6, load<u32>(entry) + (<u32>(x2 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x2 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state2 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x2 & (((<usize>1 << <usize>bits) - 1) << 3));
        x2 >>= bits;
        bit2 += extra + bits;
        entry = tables + (<usize>load<u8>(ws + SLOTS + i, 7) << (STATE_BITS + 3)) + state3;
        extra = <u64>load<u8>(entry, 7);
        put<T>(ws, i + 7, load<u32>(entry) + (<u32>(x3 >> 3) & ((<u32>1 << <u32>extra) - 1)));
        x3 >>= extra;
        bits = <u64>load<u8>(entry, 6);
        state3 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x3 & (((<usize>1 << <usize>bits) - 1) << 3));
        x3 >>= bits;
        bit3 += extra + bits;
      }
    }
    for (; i < block; i += 4) {
      x0 = peek(bit0, end) << 3;
      x1 = peek(bit1, end) << 3;
      x2 = peek(bit2, end) << 3;
      x3 = peek(bit3, end) << 3;
      entry = tables + (<usize>load<u8>(ws + SLOTS + i, 0) << (STATE_BITS + 3)) + state0;
      extra = <u64>load<u8>(entry, 7);
      put<T>(ws, i + 0, load<u32>(entry) + (<u32>(x0 >> 3) & ((<u32>1 << <u32>extra) - 1)));
      x0 >>= extra;
      bits = <u64>load<u8>(entry, 6);
      state0 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x0 & (((<usize>1 << <usize>bits) - 1) << 3));
      x0 >>= bits;
      bit0 += extra + bits;
      entry = tables + (<usize>load<u8>(ws + SLOTS + i, 1) << (STATE_BITS + 3)) + state1;
      extra = <u64>load<u8>(entry, 7);
      put<T>(ws, i + 1, load<u32>(entry) + (<u32>(x1 >> 3) & ((<u32>1 << <u32>extra) - 1)));
      x1 >>= extra;
      bits = <u64>load<u8>(entry, 6);
      state1 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x1 & (((<usize>1 << <usize>bits) - 1) << 3));
      x1 >>= bits;
      bit1 += extra + bits;
      entry = tables + (<usize>load<u8>(ws + SLOTS + i, 2) << (STATE_BITS + 3)) + state2;
      extra = <u64>load<u8>(entry, 7);
      put<T>(ws, i + 2, load<u32>(entry) + (<u32>(x2 >> 3) & ((<u32>1 << <u32>extra) - 1)));
      x2 >>= extra;
      bits = <u64>load<u8>(entry, 6);
      state2 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x2 & (((<usize>1 << <usize>bits) - 1) << 3));
      x2 >>= bits;
      bit2 += extra + bits;
      entry = tables + (<usize>load<u8>(ws + SLOTS + i, 3) << (STATE_BITS + 3)) + state3;
      extra = <u64>load<u8>(entry, 7);
      put<T>(ws, i + 3, load<u32>(entry) + (<u32>(x3 >> 3) & ((<u32>1 << <u32>extra) - 1)));
      x3 >>= extra;
      bits = <u64>load<u8>(entry, 6);
      state3 = (<usize>load<u16>(entry, 4) << 3) + (<usize>x3 & (((<usize>1 << <usize>bits) - 1) << 3));
      x3 >>= bits;
      bit3 += extra + bits;
    }
    undo<T>(base + from * sizeof<T>(), ws + DIFFERENCES, block, dropped, dst + from * sizeof<T>());
  }
  const whole = bit0 == <u64>end0 << 3 && bit1 == <u64>end1 << 3 && bit2 == <u64>end2 << 3 && bit3 == <u64>end << 3;
  return <i32>(whole && (state0 | state1 | state2 | state3) == 0);
}

export function decodeDelta16(src: usize, size: usize, base: usize, dst: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, ws: usize): i32 {
  return decode<u16>(src, size, base, dst, n, shift, mask, top, dropped, 47, ws);
}

export function decodeDelta32(src: usize, size: usize, base: usize, dst: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, ws: usize): i32 {
  return decode<u32>(src, size, base, dst, n, shift, mask, top, dropped, 79, ws);
}
