/** Checks the sizes of every call once, so that a driver can trust them. */
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { DeltaShape, Kernels, Planes4, SparseWidth } from "./kernels.ts";

function requireThat(holds: boolean, what: string): void {
  if (!holds) throw fault("ARGUMENT_INVALID", `kernel call: ${what}`);
}

/** Number of elements in `bytes`, which must be whole elements; each plane must have one byte for each. */
function requirePlanes(bytes: Uint8Array, width: number, planes: readonly Uint8Array[]): void {
  requireThat(bytes.length % width === 0, `${bytes.length} bytes are not whole elements of ${width}`);
  const elements = bytes.length / width;
  requireThat(
    planes.every((plane) => plane.length === elements),
    `a plane has not ${elements} bytes`,
  );
}

function requireRows(block: Uint8Array, strided: Uint8Array, stride: number, rowBytes: number, rows: number): void {
  requireThat([stride, rowBytes, rows].every((n) => Number.isSafeInteger(n) && n >= 0) && stride >= rowBytes, "rows have no sizes");
  requireThat(rows === 0 || (rows - 1) * stride + rowBytes <= strided.length, `${rows} rows of stride ${stride} leave ${strided.length} bytes`);
  requireThat(rows * rowBytes === block.length, `${rows} rows of ${rowBytes} bytes are not ${block.length} bytes`);
}

function requireMask(mask: Uint8Array, elements: number): void {
  requireThat(Number.isSafeInteger(elements) && mask.length === Math.ceil(elements / 8), `a mask of ${mask.length} bytes for ${elements} elements`);
}

function checkedPlanes(driver: Kernels): Pick<Kernels, "splitBf16" | "mergeBf16" | "split16" | "merge16" | "splitF32" | "mergeF32"> {
  const halves = (bytes: Uint8Array, a: Uint8Array, b: Uint8Array): void => requirePlanes(bytes, 2, [a, b]);
  const quarters = (bytes: Uint8Array, planes: Planes4): void => requirePlanes(bytes, 4, planes);
  return {
    splitBf16: (src, exponents, signMantissas) => (halves(src, exponents, signMantissas), driver.splitBf16(src, exponents, signMantissas)),
    mergeBf16: (exponents, signMantissas, out) => (halves(out, exponents, signMantissas), driver.mergeBf16(exponents, signMantissas, out)),
    split16: (src, low, high) => (halves(src, low, high), driver.split16(src, low, high)),
    merge16: (low, high, out) => (halves(out, low, high), driver.merge16(low, high, out)),
    splitF32: (src, planes) => (quarters(src, planes), driver.splitF32(src, planes)),
    mergeF32: (planes, out) => (quarters(out, planes), driver.mergeF32(planes, out)),
  };
}

function checkedSparse(driver: Kernels): Pick<Kernels, "countZeros" | "compact" | "countMask" | "expand"> {
  const whole = (width: SparseWidth, bytes: Uint8Array): void =>
    requireThat(bytes.length % width === 0, `${bytes.length} bytes are not whole elements of ${width}`);
  return {
    countZeros: (width, src) => (whole(width, src), driver.countZeros(width, src)),
    compact(width, src, mask, values) {
      whole(width, src);
      requireMask(mask, src.length / width);
      requireThat(values.length >= src.length, "values need the room of all elements");
      return driver.compact(width, src, mask, values);
    },
    countMask: (mask, elements) => (requireMask(mask, elements), driver.countMask(mask, elements)),
    expand(width, mask, values, out) {
      whole(width, out);
      requireMask(mask, out.length / width);
      requireThat(driver.countMask(mask, out.length / width) * width === values.length, "the mask does not fit the values");
      driver.expand(width, mask, values, out);
    },
  };
}

function inside(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function requireDelta({ width, exponentShift, exponentMask, top, dropped }: DeltaShape, bytes: Uint8Array, base: Uint8Array): void {
  const exponentEnd = exponentShift + 32 - Math.clz32(exponentMask);
  requireThat(
    exponentShift >= 0 && exponentMask > 0 && exponentEnd < 8 * width && inside(top, exponentMask) && inside(dropped, 8 * width - 1),
    "the shape is not one of an element",
  );
  requireThat(bytes.length === base.length && bytes.length % (8 * width) === 0, `deltas of ${bytes.length} bytes against ${base.length}`);
  requireThat(bytes.length <= limits.chunkBytesMax, `deltas of ${bytes.length} bytes are longer than any chunk`);
}

function checkedDelta(driver: Kernels): Pick<Kernels, "orWords" | "countDelta" | "encodeDelta" | "decodeDelta"> {
  return {
    orWords: (src) => (requireThat(src.length % 16 === 0, `${src.length} bytes are not whole vectors`), driver.orWords(src)),
    countDelta: (shape, src, base) => (requireDelta(shape, src, base), driver.countDelta(shape, src, base)),
    encodeDelta: (shape, src, base, out) => (requireDelta(shape, src, base), driver.encodeDelta(shape, src, base, out)),
    decodeDelta: (shape, stored, base, out) => (requireDelta(shape, out, base), driver.decodeDelta(shape, stored, base, out)),
  };
}

/** The same kernels behind checks that throw ARGUMENT_INVALID. */
export function checked(driver: Kernels): Kernels {
  const bounded = (bytes: Uint8Array): void => requireThat(bytes.length <= limits.chunkBytesMax, `a plane of ${bytes.length} bytes is longer than any chunk`);
  return {
    ...checkedPlanes(driver),
    ...checkedSparse(driver),
    ...checkedDelta(driver),
    countBytes: (src) => driver.countBytes(src),
    encodeHuffman: (src, out) => (bounded(src), driver.encodeHuffman(src, out)),
    decodeHuffman: (stored, out) => (bounded(out), driver.decodeHuffman(stored, out)),
    gather: (src, stride, rowBytes, rows, out) => (requireRows(out, src, stride, rowBytes, rows), driver.gather(src, stride, rowBytes, rows, out)),
    scatter: (src, rowBytes, rows, out, stride) => (requireRows(src, out, stride, rowBytes, rows), driver.scatter(src, rowBytes, rows, out, stride)),
    equal: (a, b) => a.length === b.length && driver.equal(a, b),
    cutContent: (bytes, atEnd) => driver.cutContent(bytes, atEnd),
  };
}
