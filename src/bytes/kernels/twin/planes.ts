/** Byte planes, element by element. */
import type { PlaneKernels, Planes4 } from "../kernels.ts";

const byteOf = (bytes: Uint8Array, at: number): number => bytes[at] as number;

function splitF32(src: Uint8Array, planes: Planes4): void {
  const view = new DataView(src.buffer, src.byteOffset, src.byteLength);
  for (let i = 0; i < src.length / 4; i++) {
    const bits = view.getUint32(4 * i, true);
    const rotated = (bits << 1) | (bits >>> 31);
    for (const [k, plane] of planes.entries()) plane[i] = rotated >>> (8 * k);
  }
}

function mergeF32(planes: Planes4, out: Uint8Array): void {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let i = 0; i < out.length / 4; i++) {
    const rotated = planes.reduce((bits, plane, k) => bits | (byteOf(plane, i) << (8 * k)), 0);
    view.setUint32(4 * i, (rotated >>> 1) | (rotated << 31), true);
  }
}

export const twinPlanes: PlaneKernels = {
  splitBf16(src, exponents, signMantissas) {
    for (let i = 0; i < exponents.length; i++) {
      const low = byteOf(src, 2 * i);
      const high = byteOf(src, 2 * i + 1);
      exponents[i] = (high << 1) | (low >> 7);
      signMantissas[i] = (high & 0x80) | (low & 0x7f);
    }
  },
  mergeBf16(exponents, signMantissas, out) {
    for (let i = 0; i < exponents.length; i++) {
      const exponent = byteOf(exponents, i);
      const signMantissa = byteOf(signMantissas, i);
      out[2 * i] = (exponent << 7) | (signMantissa & 0x7f);
      out[2 * i + 1] = (signMantissa & 0x80) | (exponent >> 1);
    }
  },
  split16(src, low, high) {
    for (let i = 0; i < low.length; i++) {
      low[i] = byteOf(src, 2 * i);
      high[i] = byteOf(src, 2 * i + 1);
    }
  },
  merge16(low, high, out) {
    for (let i = 0; i < low.length; i++) {
      out[2 * i] = byteOf(low, i);
      out[2 * i + 1] = byteOf(high, i);
    }
  },
  splitF32,
  mergeF32,
};
