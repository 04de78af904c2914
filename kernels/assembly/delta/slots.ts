/**
 * Elements and their base into differences, symbols and contexts, eight at a time. `shift` is the position of the exponent
 * in the element, `mask` its largest value, `top` the exponent of context 0; higher ones count as the top. `dropped` low bits
 * are zero in all elements and in the base, and are left out of the differences.
 */
import { DIRECT, SYMBOLS } from "./tables";

/** Sign and magnitude as a number that grows with the value, and back: all bits but the sign are flipped where it is set. */
// @ts-ignore: decorator
@inline function ordered16(x: v128): v128 {
  return v128.xor(x, i16x8.shr_u(i16x8.shr_s(x, 15), 1));
}

// @ts-ignore: decorator
@inline function ordered32(x: v128): v128 {
  return v128.xor(x, i32x4.shr_u(i32x4.shr_s(x, 31), 1));
}

// @ts-ignore: decorator
@inline function contexts16(base: v128, shift: i32, mask: v128, top: v128): v128 {
  const depth = i16x8.sub(top, v128.and(i16x8.shr_u(base, shift), mask));
  return i16x8.min_s(i16x8.max_s(depth, i16x8.splat(0)), i16x8.splat(15));
}

// @ts-ignore: decorator
@inline function contexts32(base: v128, shift: i32, mask: v128, top: v128): v128 {
  const depth = i32x4.sub(top, v128.and(i32x4.shr_u(base, shift), mask));
  return i32x4.min_s(i32x4.max_s(depth, i32x4.splat(0)), i32x4.splat(15));
}

/**
 * Symbols of four differences: as a float a number has its octave in the exponent and the half of it in the highest bit
 * of the mantissa. Low bits of large numbers are dropped first, so that rounding cannot lift one into the next half.
 */
// @ts-ignore: decorator
@inline function symbols(z: v128): v128 {
  const large = i32x4.ge_u(z, i32x4.splat(1 << 20));
  const exact = v128.andnot(z, v128.and(large, i32x4.splat(0xfff)));
  const half = i32x4.sub(i32x4.shr_u(f32x4.convert_i32x4_u(exact), 22), i32x4.splat(((127 + 4) << 1) - (<i32>DIRECT - 1)));
  return v128.bitselect(z, half, i32x4.lt_u(z, i32x4.splat(DIRECT)));
}

/** Differences and slots (context × SYMBOLS + symbol) of n elements, n a multiple of 8. */
export function slots<T>(raw: usize, base: usize, n: usize, shift: i32, mask: i32, top: i32, dropped: i32, differences: usize, out: usize): void {
  const contextShift = 31 - clz<i32>(<i32>SYMBOLS);
  if (sizeof<T>() == 2) {
    const masks = i16x8.splat(<i16>mask), tops = i16x8.splat(<i16>top);
    for (let i: usize = 0; i < n; i += 8) {
      const b = v128.load(base + (i << 1));
      const d = i16x8.sub(ordered16(i16x8.shr_s(v128.load(raw + (i << 1)), dropped)), ordered16(i16x8.shr_s(b, dropped)));
      const z = v128.xor(i16x8.shl(d, 1), i16x8.shr_s(d, 15));
      const s = i16x8.narrow_i32x4_u(symbols(i32x4.extend_low_i16x8_u(z)), symbols(i32x4.extend_high_i16x8_u(z)));
      v128.store(differences + (i << 1), z);
      v128.store(out + (i << 1), v128.or(s, i16x8.shl(contexts16(b, shift, masks, tops), contextShift)));
    }
  } else {
    const masks = i32x4.splat(mask), tops = i32x4.splat(top);
    for (let i: usize = 0; i < n; i += 8) {
      const b0 = v128.load(base + (i << 2)), b1 = v128.load(base + (i << 2), 16);
      const d0 = i32x4.sub(ordered32(i32x4.shr_s(v128.load(raw + (i << 2)), dropped)), ordered32(i32x4.shr_s(b0, dropped)));
      const d1 = i32x4.sub(ordered32(i32x4.shr_s(v128.load(raw + (i << 2), 16), dropped)), ordered32(i32x4.shr_s(b1, dropped)));
      const z0 = v128.xor(i32x4.shl(d0, 1), i32x4.shr_s(d0, 31)), z1 = v128.xor(i32x4.shl(d1, 1), i32x4.shr_s(d1, 31));
      const s0 = v128.or(symbols(z0), i32x4.shl(contexts32(b0, shift, masks, tops), contextShift));
      const s1 = v128.or(symbols(z1), i32x4.shl(contexts32(b1, shift, masks, tops), contextShift));
      v128.store(differences + (i << 2), z0);
      v128.store(differences + (i << 2), z1, 16);
      v128.store(out + (i << 1), i16x8.narrow_i32x4_u(s0, s1));
    }
  }
}

/** Contexts alone, one byte each. */
export function contexts<T>(base: usize, n: usize, shift: i32, mask: i32, top: i32, out: usize): void {
  for (let i: usize = 0; i < n; i += 8) {
    let c: v128;
    if (sizeof<T>() == 2) {
      c = contexts16(v128.load(base + (i << 1)), shift, i16x8.splat(<i16>mask), i16x8.splat(<i16>top));
    } else {
      const masks = i32x4.splat(mask), tops = i32x4.splat(top);
      c = i16x8.narrow_i32x4_u(contexts32(v128.load(base + (i << 2)), shift, masks, tops), contexts32(v128.load(base + (i << 2), 16), shift, masks, tops));
    }
    v128.store64_lane(out + i, i8x16.narrow_i16x8_u(c, c), 0);
  }
}

/** Elements from base and differences. */
export function undo<T>(base: usize, differences: usize, n: usize, dropped: i32, dst: usize): void {
  if (sizeof<T>() == 2) {
    for (let i: usize = 0; i < n; i += 8) {
      const z = v128.load(differences + (i << 1));
      const d = v128.xor(i16x8.shr_u(z, 1), i16x8.neg(v128.and(z, i16x8.splat(1))));
      const element = ordered16(i16x8.add(ordered16(i16x8.shr_s(v128.load(base + (i << 1)), dropped)), d));
      v128.store(dst + (i << 1), i16x8.shl(element, dropped));
    }
  } else {
    for (let i: usize = 0; i < n; i += 4) {
      const z = v128.load(differences + (i << 2));
      const d = v128.xor(i32x4.shr_u(z, 1), i32x4.neg(v128.and(z, i32x4.splat(1))));
      const element = ordered32(i32x4.add(ordered32(i32x4.shr_s(v128.load(base + (i << 2)), dropped)), d));
      v128.store(dst + (i << 2), i32x4.shl(element, dropped));
    }
  }
}

/** Bits that are set in any of the 32-bit words; n counts bytes, a multiple of 16. */
export function orWords(src: usize, n: usize): u32 {
  let all = i32x4.splat(0);
  for (let i: usize = 0; i < n; i += 16) all = v128.or(all, v128.load(src + i));
  return i32x4.extract_lane(all, 0) | i32x4.extract_lane(all, 1) | i32x4.extract_lane(all, 2) | i32x4.extract_lane(all, 3);
}
