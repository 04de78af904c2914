/** The WebAssembly driver. Sizes were checked by the face; here views become addresses, and must lie in the memory. */
import { existsSync, readFileSync } from "node:fs";
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { cutAll, looseMask, strictMask } from "./content.ts";
import type { DeltaKernels, Kernels, Scratch } from "./kernels.ts";
import { SharedMemory } from "./shared-memory.ts";
import { slotCountsOffset } from "./workspace.ts";

type CountDelta = (src: number, base: number, n: number, shift: number, mask: number, top: number, dropped: number, ws: number) => void;
type EncodeDelta = (
  src: number,
  base: number,
  n: number,
  shift: number,
  mask: number,
  top: number,
  dropped: number,
  dst: number,
  room: number,
  ws: number,
) => number;
type DecodeDelta = (
  src: number,
  size: number,
  base: number,
  dst: number,
  n: number,
  shift: number,
  mask: number,
  top: number,
  dropped: number,
  ws: number,
) => number;

/** What kernels/assembly/index.ts exports. Numbers are byte offsets, sizes and counts. */
interface Exports {
  prepare(ws: number): void;
  splitBf16(src: number, n: number, exponents: number, signMantissas: number): void;
  mergeBf16(exponents: number, signMantissas: number, n: number, dst: number): void;
  split16(src: number, n: number, low: number, high: number): void;
  merge16(low: number, high: number, n: number, dst: number): void;
  splitF32(src: number, n: number, p0: number, p1: number, p2: number, p3: number): void;
  mergeF32(p0: number, p1: number, p2: number, p3: number, n: number, dst: number): void;
  countBytes(src: number, n: number, ws: number): void;
  encodeHuffman(src: number, n: number, dst: number, room: number, ws: number): number;
  decodeHuffman(src: number, size: number, dst: number, n: number, ws: number): number;
  countZeros16(src: number, n: number): number;
  countZeros32(src: number, n: number): number;
  compact16(src: number, n: number, mask: number, values: number, ws: number): number;
  compact32(src: number, n: number, mask: number, values: number, ws: number): number;
  countMask(mask: number, n: number): number;
  expand16(mask: number, values: number, kept: number, n: number, dst: number, ws: number): void;
  expand32(mask: number, values: number, kept: number, n: number, dst: number, ws: number): void;
  orWords(src: number, bytes: number): number;
  countDelta16: CountDelta;
  countDelta32: CountDelta;
  encodeDelta16: EncodeDelta;
  encodeDelta32: EncodeDelta;
  decodeDelta16: DecodeDelta;
  decodeDelta32: DecodeDelta;
  gather(src: number, stride: number, rowBytes: number, rows: number, dst: number): void;
  scatter(src: number, rowBytes: number, rows: number, dst: number, stride: number): void;
  equal(a: number, b: number, n: number): number;
  cutContent(src: number, n: number, min: number, average: number, max: number, strict: bigint, loose: bigint, ws: number): number;
}

/** Beside src/ in a checkout, and beside dist/ in a package. */
function findModule(): URL {
  const places = ["../../../kernels/build/kernels.wasm", "../../../../kernels/build/kernels.wasm"].map((path) => new URL(path, import.meta.url));
  const found = places.find((place) => existsSync(place));
  if (!found) throw fault("FILE_MISSING", "kernels/build/kernels.wasm is not there", { advice: "Build it with `npm run build -w kernels`." });
  return found;
}

let compiled: WebAssembly.Module | undefined;

function instantiate(memory: WebAssembly.Memory): Exports {
  compiled ??= new WebAssembly.Module(readFileSync(findModule()));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Exports;
}

/** The kernels on a shared memory of at most 4 GiB; `workspace` is one of `divideScratch`. */
export function wasmKernels(memory: WebAssembly.Memory, workspace: Scratch): Kernels {
  const shared = new SharedMemory(memory, workspace);
  const at = (view: Uint8Array): number => shared.at(view);
  const ws = workspace.offset;
  const wasm = instantiate(memory);
  const counts = new Uint32Array(memory.buffer, ws, 256);
  wasm.prepare(ws);
  return {
    ...deltaKernels(wasm, memory, at, ws),
    splitBf16: (src, exponents, signMantissas) => wasm.splitBf16(at(src), exponents.length, at(exponents), at(signMantissas)),
    mergeBf16: (exponents, signMantissas, out) => wasm.mergeBf16(at(exponents), at(signMantissas), exponents.length, at(out)),
    split16: (src, low, high) => wasm.split16(at(src), low.length, at(low), at(high)),
    merge16: (low, high, out) => wasm.merge16(at(low), at(high), low.length, at(out)),
    splitF32: (src, [p0, p1, p2, p3]) => wasm.splitF32(at(src), p0.length, at(p0), at(p1), at(p2), at(p3)),
    mergeF32: ([p0, p1, p2, p3], out) => wasm.mergeF32(at(p0), at(p1), at(p2), at(p3), p0.length, at(out)),
    countBytes: (src) => (wasm.countBytes(at(src), src.length, ws), counts.slice()),
    encodeHuffman: (src, out) => wasm.encodeHuffman(at(src), src.length, at(out), out.length, ws),
    decodeHuffman: (stored, out) => wasm.decodeHuffman(at(stored), stored.length, at(out), out.length, ws) === 1,
    countZeros: (width, src) => (width === 2 ? wasm.countZeros16 : wasm.countZeros32)(at(src), src.length / width),
    compact: (width, src, mask, values) => (width === 2 ? wasm.compact16 : wasm.compact32)(at(src), src.length / width, at(mask), at(values), ws),
    countMask: (mask, elements) => wasm.countMask(at(mask), elements),
    expand: (width, mask, values, out) =>
      (width === 2 ? wasm.expand16 : wasm.expand32)(at(mask), at(values), values.length / width, out.length / width, at(out), ws),
    gather: (src, stride, rowBytes, rows, out) => wasm.gather(at(src), stride, rowBytes, rows, at(out)),
    scatter: (src, rowBytes, rows, out, stride) => wasm.scatter(at(src), rowBytes, rows, at(out), stride),
    equal: (a, b) => wasm.equal(at(a), at(b), a.length) === 1,
    cutContent: (bytes, atEnd) => cutAll(bytes, atEnd, (rest) => firstCut(wasm, at(rest), rest.length, ws)),
  };
}

function deltaKernels(wasm: Exports, memory: WebAssembly.Memory, at: (view: Uint8Array) => number, ws: number): DeltaKernels {
  const counts = new Uint32Array(memory.buffer, ws + slotCountsOffset, 16 * 128);
  return {
    orWords: (src) => wasm.orWords(at(src), src.length) >>> 0,
    countDelta({ width, exponentShift, exponentMask, top, dropped }, src, base) {
      const count = width === 2 ? wasm.countDelta16 : wasm.countDelta32;
      count(at(src), at(base), src.length / width, exponentShift, exponentMask, top, dropped, ws);
      return counts.slice();
    },
    encodeDelta({ width, exponentShift, exponentMask, top, dropped }, src, base, out) {
      const encode = width === 2 ? wasm.encodeDelta16 : wasm.encodeDelta32;
      return encode(at(src), at(base), src.length / width, exponentShift, exponentMask, top, dropped, at(out), out.length, ws);
    },
    decodeDelta({ width, exponentShift, exponentMask, top, dropped }, stored, base, out) {
      const decode = width === 2 ? wasm.decodeDelta16 : wasm.decodeDelta32;
      return decode(at(stored), stored.length, at(base), at(out), out.length / width, exponentShift, exponentMask, top, dropped, ws) === 1;
    },
  };
}

function firstCut(wasm: Exports, src: number, bytes: number, ws: number): number {
  const { contentChunkBytesMin: min, contentChunkBytesAverage: average, contentChunkBytesMax: max } = limits;
  return wasm.cutContent(src, bytes, min, average, max, strictMask, looseMask, ws);
}
