/** Reading and writing stored bytes in order, within their bounds. */
import { fault, type HoldfastError } from "../../core/errors.ts";

export function corrupt(what: string): HoldfastError {
  return fault("CHUNK_CORRUPT", `stored bytes of a chunk: ${what}`, { advice: "Read another replica; `holdfast scrub --repair` replaces this one." });
}

export class StoredReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next `length` bytes, in place. Throws CHUNK_CORRUPT when there are fewer. */
  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw corrupt("they end too early");
    const piece = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return piece;
  }

  u8(): number {
    return this.take(1)[0] as number;
  }

  u32(): number {
    const piece = this.take(4);
    return new DataView(piece.buffer, piece.byteOffset, 4).getUint32(0, true);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw corrupt("they go on behind their end");
  }
}

/** What a writer throws when an encoding does not fit: the encoding is then not used. */
export class OutOfRoom extends Error {}

export class StoredWriter {
  readonly #out: Uint8Array;
  length = 0;

  constructor(out: Uint8Array) {
    this.#out = out;
  }

  /** All that is free, for a kernel that writes there; follow it by `skip`. */
  rest(): Uint8Array {
    return this.#out.subarray(this.length);
  }

  /** The next `length` bytes, counted as written. */
  skip(length: number): Uint8Array {
    const start = this.length;
    if (start + length > this.#out.length) throw new OutOfRoom();
    this.length += length;
    return this.#out.subarray(start, start + length);
  }

  u8(value: number): void {
    this.skip(1)[0] = value;
  }

  u32(value: number): void {
    const piece = this.skip(4);
    new DataView(piece.buffer, piece.byteOffset, 4).setUint32(0, value, true);
  }

  bytes(bytes: Uint8Array): void {
    this.skip(bytes.length).set(bytes);
  }
}
