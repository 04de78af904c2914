/** Elements against their base → delta block (docs/format-encodings.md, "Delta block"). */
import { SPILL } from "../workspace";
import { countSlots, NORM_BYTES_MAX, scaleCounts, writeNorms } from "./norms";
import { slots } from "./slots";
import { BLOCK, buildDeltaEncode, DIFFERENCES, ENCODE, NEXT_STATES, SLOTS, STATE_BITS, STATES } from "./tables";

const HEAD_BYTES: usize = 20;

// @ts-ignore: decorator
@inline function shiftedOut(record: usize, state: u32): u32 {
  return (state + load<u32>(record)) >> 16;
}

// @ts-ignore: decorator
@inline function nextState(record: usize, rank: u32, ws: usize): u32 {
  return load<u16>(ws + NEXT_STATES + ((<usize>(<i32>rank + <i32>load<i16>(record, 4))) << 1));
}

// @ts-ignore: decorator
@inline function low(value: u32, bits: u32): u64 {
  return <u64>(value & ((<u32>1 << bits) - 1));
}

// @ts-ignore: decorator
@inline function difference<T>(ws: usize, i: usize): u32 {
  return sizeof<T>() == 2 ? <u32>load<u16>(ws + DIFFERENCES + (i << 1)) : load<u32>(ws + DIFFERENCES + (i << 2));
}

/**
 * Streams grow downwards and are read upwards, so that what is coded last is decoded first. `acc` holds `fill` bits that
 * are not written; whole bytes of its upper end go out after each element.
 * SPILL must have room for 24 bits (16-bit elements) or 40 bits (32-bit ones) of each element and 64 bytes.
 */
function encode<T>(raw: usize, base: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, dst: usize, room: usize, ws: usize): usize {
  countSlots<T>(raw, base, n, shift, mask, top, dropped, ws);
  scaleCounts(ws);
  buildDeltaEncode(ws);
  if (room < NORM_BYTES_MAX + HEAD_BYTES) return 0;
  const head = writeNorms(dst, ws);

  const lane = (n >> 2) * (sizeof<T>() == 2 ? 3 : 5) + 16, records = ws + ENCODE;
  const end0 = ws + SPILL + lane, end1 = end0 + lane, end2 = end1 + lane, end3 = end2 + lane;
  let at0 = end0, at1 = end1, at2 = end2, at3 = end3;
  let acc0: u64 = 0, acc1: u64 = 0, acc2: u64 = 0, acc3: u64 = 0;
  let fill0: u64 = 0, fill1: u64 = 0, fill2: u64 = 0, fill3: u64 = 0;
  let state0 = STATES, state1 = STATES, state2 = STATES, state3 = STATES;
  for (let to = n; to > 0; ) {
    const block = ((to - 1) & (BLOCK - 1)) + 1;
    to -= block;
    slots<T>(raw + to * sizeof<T>(), base + to * sizeof<T>(), block, shift, mask, top, dropped, ws + DIFFERENCES, ws + SLOTS);
    for (let i = block; i > 0; ) {
      i -= 4;
      const four = load<u64>(ws + SLOTS + (i << 1));
      const r0 = records + (<usize>(four & 0xffff) << 3), r1 = records + (<usize>((four >> 16) & 0xffff) << 3);
      const r2 = records + (<usize>((four >> 32) & 0xffff) << 3), r3 = records + (<usize>(four >> 48) << 3);
      const x0 = <u32>load<u16>(r0, 6), x1 = <u32>load<u16>(r1, 6), x2 = <u32>load<u16>(r2, 6), x3 = <u32>load<u16>(r3, 6);
      const b0 = shiftedOut(r0, state0), b1 = shiftedOut(r1, state1), b2 = shiftedOut(r2, state2), b3 = shiftedOut(r3, state3);
      acc0 = (acc0 << <u64>(b0 + x0)) | (low(state0, b0) << <u64>x0) | low(difference<T>(ws, i), x0);
      acc1 = (acc1 << <u64>(b1 + x1)) | (low(state1, b1) << <u64>x1) | low(difference<T>(ws, i + 1), x1);
      acc2 = (acc2 << <u64>(b2 + x2)) | (low(state2, b2) << <u64>x2) | low(difference<T>(ws, i + 2), x2);
      acc3 = (acc3 << <u64>(b3 + x3)) | (low(state3, b3) << <u64>x3) | low(difference<T>(ws, i + 3), x3);
      state0 = nextState(r0, state0 >> b0, ws);
      state1 = nextState(r1, state1 >> b1, ws);
      state2 = nextState(r2, state2 >> b2, ws);
      state3 = nextState(r3, state3 >> b3, ws);
      fill0 += <u64>(b0 + x0);
      fill1 += <u64>(b1 + x1);
      fill2 += <u64>(b2 + x2);
      fill3 += <u64>(b3 + x3);
      store<u64>(at0 - 8, acc0 << (64 - fill0));
      store<u64>(at1 - 8, acc1 << (64 - fill1));
      store<u64>(at2 - 8, acc2 << (64 - fill2));
      store<u64>(at3 - 8, acc3 << (64 - fill3));
      at0 -= <usize>(fill0 >> 3);
      at1 -= <usize>(fill1 >> 3);
      at2 -= <usize>(fill2 >> 3);
      at3 -= <usize>(fill3 >> 3);
      fill0 &= 7;
      fill1 &= 7;
      fill2 &= 7;
      fill3 &= 7;
    }
  }
  at0 = closeStream(at0, acc0, fill0);
  at1 = closeStream(at1, acc1, fill1);
  at2 = closeStream(at2, acc2, fill2);
  at3 = closeStream(at3, acc3, fill3);
  const size0 = end0 - at0, size1 = end1 - at1, size2 = end2 - at2, size3 = end3 - at3;
  const bytes = head - dst + HEAD_BYTES + size0 + size1 + size2 + size3;
  if (bytes > room) return 0;
  writeStart(head, state0, fill0);
  writeStart(head + 2, state1, fill1);
  writeStart(head + 4, state2, fill2);
  writeStart(head + 6, state3, fill3);
  store<u32>(head, <u32>size0, 8);
  store<u32>(head, <u32>size1, 12);
  store<u32>(head, <u32>size2, 16);
  let out = head + HEAD_BYTES;
  memory.copy(out, at0, size0);
  out += size0;
  memory.copy(out, at1, size1);
  out += size1;
  memory.copy(out, at2, size2);
  out += size2;
  memory.copy(out, at3, size3);
  return bytes;
}

/** The last bits fill the upper end of one more byte. */
// @ts-ignore: decorator
@inline function closeStream(at: usize, acc: u64, fill: u64): usize {
  if (!fill) return at;
  store<u8>(at - 1, <u8>(acc << (8 - fill)));
  return at - 1;
}

/** First state, and the bits to skip before the first. */
function writeStart(at: usize, state: u32, fill: u64): void {
  store<u16>(at, <u16>((state - STATES) | ((<u32>(8 - fill) & 7) << STATE_BITS)));
}

/** Each returns the bytes written, or 0 when they would not fit `room`. n is a multiple of 8. */
export function encodeDelta16(raw: usize, base: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, dst: usize, room: usize, ws: usize): usize {
  return encode<u16>(raw, base, n, shift, mask, top, dropped, dst, room, ws);
}

export function encodeDelta32(raw: usize, base: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, dst: usize, room: usize, ws: usize): usize {
  return encode<u32>(raw, base, n, shift, mask, top, dropped, dst, room, ws);
}

/** u32[16][128] at SLOT_COUNTS: how often each symbol occurs in each context. */
export function countDelta16(raw: usize, base: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, ws: usize): void {
  countSlots<u16>(raw, base, n, shift, mask, top, dropped, ws);
}

export function countDelta32(raw: usize, base: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, ws: usize): void {
  countSlots<u32>(raw, base, n, shift, mask, top, dropped, ws);
}
