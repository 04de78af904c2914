/**
 * The typed face of the kernels: everything that touches weight bytes one by one. Arrays of a driver over shared memory
 * must lie in that memory. Sizes are checked before any byte is touched (ARGUMENT_INVALID); stored bytes are never trusted.
 * Unless it is said otherwise, outputs must not overlap inputs.
 */

/** Working room of one thread, in the shared memory. Instances that are used by one thread may share it. */
export interface Scratch {
  readonly offset: number;
  readonly bytes: number;
}

export type Planes4 = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
/** Bytes of an element of the sparse kernels. */
export type SparseWidth = 2 | 4;

/** Elements into byte planes and back. Every plane has one byte for each element. */
export interface PlaneKernels {
  splitBf16(src: Uint8Array, exponents: Uint8Array, signMantissas: Uint8Array): void;
  mergeBf16(exponents: Uint8Array, signMantissas: Uint8Array, out: Uint8Array): void;
  /** Two-byte elements. Applied twice it splits four bytes, three times eight. */
  split16(src: Uint8Array, low: Uint8Array, high: Uint8Array): void;
  merge16(low: Uint8Array, high: Uint8Array, out: Uint8Array): void;
  /** f32 rotated left by one bit: the last plane is the exponent, the lowest bit of the first the sign. */
  splitF32(src: Uint8Array, planes: Planes4): void;
  mergeF32(planes: Planes4, out: Uint8Array): void;
}

export interface EntropyKernels {
  /** How often each of the 256 byte values occurs. */
  countBytes(src: Uint8Array): Uint32Array;
  /** Writes a Huffman block (docs/format-encodings.md) of at most `limits.chunkBytesMax` symbols; returns its bytes, or 0 when it does not fit `out` or there are fewer than two values. */
  encodeHuffman(src: Uint8Array, out: Uint8Array): number;
  /** Fills `out` from a block; false when the block is not one that an encoder makes for that many symbols. */
  decodeHuffman(stored: Uint8Array, out: Uint8Array): boolean;
}

export interface SparseKernels {
  countZeros(width: SparseWidth, src: Uint8Array): number;
  /** One bit for each element into `mask`, the elements that are not zero into `values` (room for all); returns their number. */
  compact(width: SparseWidth, src: Uint8Array, mask: Uint8Array, values: Uint8Array): number;
  /** Elements that a mask for `elements` keeps; -1 when a bit behind them is set. */
  countMask(mask: Uint8Array, elements: number): number;
  /** The inverse of `compact`. `values` holds as many elements as the mask has bits. */
  expand(width: SparseWidth, mask: Uint8Array, values: Uint8Array, out: Uint8Array): void;
}

/**
 * What the delta kernels must know of an element: where its exponent is, the exponent of the first of 16 contexts, and how
 * many low bits are zero in all elements and in the base (as in f32 that holds f16), which deltas then leave out.
 */
export interface DeltaShape {
  readonly width: 2 | 4;
  readonly exponentShift: number;
  readonly exponentMask: number;
  readonly top: number;
  readonly dropped: number;
}

/** Elements against the same elements of a base. All views have the same length, a multiple of eight elements. */
export interface DeltaKernels {
  /** Bits that are set in any 32-bit word of `src`, a multiple of 16 bytes. */
  orWords(src: Uint8Array): number;
  /** How often each of 128 symbols occurs in each of 16 contexts. */
  countDelta(shape: DeltaShape, src: Uint8Array, base: Uint8Array): Uint32Array;
  /** Writes a delta block (docs/format-encodings.md); returns its bytes, or 0 when it does not fit `out`. */
  encodeDelta(shape: DeltaShape, src: Uint8Array, base: Uint8Array, out: Uint8Array): number;
  /** Fills `out` from a block; false when the block is not one that an encoder makes. */
  decodeDelta(shape: DeltaShape, stored: Uint8Array, base: Uint8Array, out: Uint8Array): boolean;
}

export interface RowKernels {
  /** `rows` rows of `rowBytes`, each `stride` bytes behind the other in `src`, into one block. */
  gather(src: Uint8Array, stride: number, rowBytes: number, rows: number, out: Uint8Array): void;
  scatter(src: Uint8Array, rowBytes: number, rows: number, out: Uint8Array, stride: number): void;
  /** Whether two views hold the same bytes; they may overlap. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}

export interface ContentKernels {
  /**
   * Lengths of the chunks that FastCDC cuts (`limits.contentChunkBytes…`), in order. Without `atEnd` only the complete
   * ones: more bytes may follow. With it their sum is the length of `bytes`.
   */
  cutContent(bytes: Uint8Array, atEnd: boolean): number[];
}

export interface Kernels extends PlaneKernels, EntropyKernels, SparseKernels, DeltaKernels, RowKernels, ContentKernels {}
