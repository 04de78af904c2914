/** Element bytes into byte planes and back. A plane holds the same byte of every element, so that each has one statistic. `n` counts elements. */

const LOW_BYTE: i16 = 0xff;

/** bf16: exponent byte, and sign above mantissa. */
export function splitBf16(src: usize, n: usize, exponents: usize, signMantissas: usize): void {
  const low7 = i16x8.splat(0x7f), bit7 = i16x8.splat(0x80), low8 = i16x8.splat(LOW_BYTE);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = src + (i << 1);
    const a = v128.load(at), b = v128.load(at, 16);
    v128.store(exponents + i, i8x16.narrow_i16x8_u(v128.and(i16x8.shr_u(a, 7), low8), v128.and(i16x8.shr_u(b, 7), low8)));
    const ma = v128.or(v128.and(a, low7), v128.and(i16x8.shr_u(a, 8), bit7));
    const mb = v128.or(v128.and(b, low7), v128.and(i16x8.shr_u(b, 8), bit7));
    v128.store(signMantissas + i, i8x16.narrow_i16x8_u(ma, mb));
  }
  for (; i < n; i++) {
    const bits = <u32>load<u16>(src + (i << 1));
    store<u8>(exponents + i, <u8>(bits >> 7));
    store<u8>(signMantissas + i, <u8>((bits & 0x7f) | ((bits >> 8) & 0x80)));
  }
}

export function mergeBf16(exponents: usize, signMantissas: usize, n: usize, dst: usize): void {
  const low7 = i16x8.splat(0x7f), sign = i16x8.splat(<i16>0x8000);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const e = v128.load(exponents + i), m = v128.load(signMantissas + i);
    const m0 = i16x8.extend_low_i8x16_u(m), m1 = i16x8.extend_high_i8x16_u(m);
    const e0 = i16x8.shl(i16x8.extend_low_i8x16_u(e), 7), e1 = i16x8.shl(i16x8.extend_high_i8x16_u(e), 7);
    const at = dst + (i << 1);
    v128.store(at, v128.or(e0, v128.or(v128.and(m0, low7), v128.and(i16x8.shl(m0, 8), sign))));
    v128.store(at, v128.or(e1, v128.or(v128.and(m1, low7), v128.and(i16x8.shl(m1, 8), sign))), 16);
  }
  for (; i < n; i++) {
    const m = <u32>load<u8>(signMantissas + i);
    store<u16>(dst + (i << 1), <u16>((<u32>load<u8>(exponents + i) << 7) | (m & 0x7f) | ((m & 0x80) << 8)));
  }
}

/** Two-byte elements: low and high byte. Applied twice or three times it splits four and eight bytes. */
export function split16(src: usize, n: usize, low: usize, high: usize): void {
  const low8 = i16x8.splat(LOW_BYTE);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = src + (i << 1);
    const a = v128.load(at), b = v128.load(at, 16);
    v128.store(low + i, i8x16.narrow_i16x8_u(v128.and(a, low8), v128.and(b, low8)));
    v128.store(high + i, i8x16.narrow_i16x8_u(i16x8.shr_u(a, 8), i16x8.shr_u(b, 8)));
  }
  for (; i < n; i++) {
    store<u8>(low + i, load<u8>(src + (i << 1)));
    store<u8>(high + i, load<u8>(src + (i << 1), 1));
  }
}

export function merge16(low: usize, high: usize, n: usize, dst: usize): void {
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const l = v128.load(low + i), h = v128.load(high + i);
    const at = dst + (i << 1);
    v128.store(at, v128.shuffle<u8>(l, h, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(at, v128.shuffle<u8>(l, h, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
  }
  for (; i < n; i++) {
    store<u8>(dst + (i << 1), load<u8>(low + i));
    store<u8>(dst + (i << 1), load<u8>(high + i), 1);
  }
}

// @ts-ignore: decorator
@inline function rotateIn(x: v128): v128 {
  return v128.or(i32x4.shl(x, 1), i32x4.shr_u(x, 31));
}

// @ts-ignore: decorator
@inline function rotateOut(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 1), i32x4.shl(x, 31));
}

/** f32 rotated left by one bit, so that the exponent fills the highest plane and the sign is the lowest bit of the lowest. */
export function splitF32(src: usize, n: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = src + (i << 2);
    const a = rotateIn(v128.load(at)), b = rotateIn(v128.load(at, 16)), c = rotateIn(v128.load(at, 32)), d = rotateIn(v128.load(at, 48));
    const abLow = v128.shuffle<u8>(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const abHigh = v128.shuffle<u8>(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
    const cdLow = v128.shuffle<u8>(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const cdHigh = v128.shuffle<u8>(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
    v128.store(p0 + i, v128.shuffle<u64>(abLow, cdLow, 0, 2));
    v128.store(p1 + i, v128.shuffle<u64>(abLow, cdLow, 1, 3));
    v128.store(p2 + i, v128.shuffle<u64>(abHigh, cdHigh, 0, 2));
    v128.store(p3 + i, v128.shuffle<u64>(abHigh, cdHigh, 1, 3));
  }
  for (; i < n; i++) {
    const bits = rotl<u32>(load<u32>(src + (i << 2)), 1);
    store<u8>(p0 + i, <u8>bits);
    store<u8>(p1 + i, <u8>(bits >> 8));
    store<u8>(p2 + i, <u8>(bits >> 16));
    store<u8>(p3 + i, <u8>(bits >> 24));
  }
}

export function mergeF32(p0: usize, p1: usize, p2: usize, p3: usize, n: usize, dst: usize): void {
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const a = v128.load(p0 + i), b = v128.load(p1 + i), c = v128.load(p2 + i), d = v128.load(p3 + i);
    const ab0 = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const ab1 = v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const cd0 = v128.shuffle<u8>(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const cd1 = v128.shuffle<u8>(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const at = dst + (i << 2);
    v128.store(at, rotateOut(v128.shuffle<u16>(ab0, cd0, 0, 8, 1, 9, 2, 10, 3, 11)));
    v128.store(at, rotateOut(v128.shuffle<u16>(ab0, cd0, 4, 12, 5, 13, 6, 14, 7, 15)), 16);
    v128.store(at, rotateOut(v128.shuffle<u16>(ab1, cd1, 0, 8, 1, 9, 2, 10, 3, 11)), 32);
    v128.store(at, rotateOut(v128.shuffle<u16>(ab1, cd1, 4, 12, 5, 13, 6, 14, 7, 15)), 48);
  }
  for (; i < n; i++) {
    const bits = <u32>load<u8>(p0 + i) | (<u32>load<u8>(p1 + i) << 8) | (<u32>load<u8>(p2 + i) << 16) | (<u32>load<u8>(p3 + i) << 24);
    store<u32>(dst + (i << 2), rotr<u32>(bits, 1));
  }
}
