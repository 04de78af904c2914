/** CHUNK ⇄ ENCODED: one way to store a chunk (docs/format-encodings.md). Bytes in, bytes out; a decoder trusts nothing. */
import type { Element } from "../../core/element.ts";

/** The byte in a frame that names the encoding. Never reused. */
export const encodingIds = {
  RAW: 0,
  CONST: 1,
  HUF16B: 2,
  HUF16: 3,
  HUF32: 4,
  HUF8: 5,
  SPARSE16: 6,
  SPARSE32: 7,
  CTXDELTA16: 8,
  CTXDELTA32: 9,
  LZ: 10,
} as const;
export type EncodingName = keyof typeof encodingIds;
export type EncodingId = (typeof encodingIds)[EncodingName];

export interface Hint {
  readonly element: Element;
  /** Raw bytes of the base chunk; used by the delta encodings, and only when as long as the chunk. */
  readonly base: Uint8Array | undefined;
}

/** All arrays lie in the memory that the kernels were made on. */
export interface Codec {
  readonly id: EncodingId;
  readonly name: EncodingName;
  /** Encodes into `out` and returns the bytes written, or 0 when they would not fit it. */
  encode(raw: Uint8Array, hint: Hint, out: Uint8Array): number;
  /** Fills `out`, whose length is the raw length. Throws CHUNK_CORRUPT for any input that its encoder cannot have made. */
  decode(stored: Uint8Array, base: Uint8Array | undefined, out: Uint8Array): void;
}
