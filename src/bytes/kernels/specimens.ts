/** For tests: bytes and weights of every kind that the kernels must hold, from a seed. */

export type Random = () => number;

/** Mulberry32: 32 bits of state, numbers in [0, 1). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function bytesOf(length: number, next: (i: number) => number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => next(i));
}

/** Byte planes: from no information to no redundancy, with codes that are short, long, and at their limit. */
export const byteKinds: Readonly<Record<string, (length: number, random: Random) => Uint8Array>> = {
  zeros: (length) => new Uint8Array(length),
  "one value": (length) => new Uint8Array(length).fill(0xc3),
  "two values": (length, random) => bytesOf(length, () => (random() < 0.01 ? 255 : 0)),
  "few values": (length, random) => bytesOf(length, () => 100 + Math.floor(random() * random() * 6)),
  exponents: (length, random) => bytesOf(length, () => 125 - Math.min(120, Math.floor(-Math.log2(random() + 1e-9)))),
  "steep codes": (length, random) => bytesOf(length, () => Math.min(255, Math.floor(-3 * Math.log2(random() + 1e-12)))),
  quants: (length, random) => bytesOf(length, () => Math.round(normal(random) * 30)),
  random: (length, random) => bytesOf(length, () => 256 * random()),
  counting: (length) => bytesOf(length, (i) => i),
};

const scratch = new DataView(new ArrayBuffer(4));

export function f32Bits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

export function bf16Bits(value: number): number {
  const bits = f32Bits(value);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** f16 by rounding to nearest; values here never overflow. */
export function f16Bits(value: number): number {
  const bits = f32Bits(value);
  const exponent = ((bits >>> 23) & 255) - 112;
  const sign = (bits >>> 16) & 0x8000;
  if (exponent <= 0) return sign | Math.round(Math.abs(value) * 2 ** 24);
  return sign | ((((exponent << 23) | (bits & 0x7fffff)) + 0x1000) >>> 13);
}

/** Little-endian bytes of elements of 2, 4 or 8 bytes. */
export function elementBytesOf(width: 2 | 4, length: number, next: (i: number) => number): Uint8Array {
  const bytes = new Uint8Array(length * width);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < length; i++) {
    if (width === 2) view.setUint16(2 * i, next(i), true);
    else view.setUint32(4 * i, next(i), true);
  }
  return bytes;
}

/** Bit patterns that a trip through a float would lose: NaN with payloads, infinities, −0, denormals, the largest and smallest. */
export const special16 = [0, 0x8000, 0x7f80, 0xff80, 0x7f81, 0xffff, 0x7fc1, 0x0001, 0x8001, 0x7f7f, 0x0080, 0x7c00, 0xfc00, 0x7c01, 0x7e55, 0x03ff, 0x3c00];
export const special32 = [0, 0x80000000, 0x7f800000, 0xff800000, 0x7f800001, 0xffffffff, 0x7fc12345, 1, 0x80000001, 0x7f7fffff, 0x00800000, 0x3f800000];
