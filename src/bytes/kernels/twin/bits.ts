/** Bit streams that are filled and read from the lowest bit of each byte. */

export class BitWriter {
  readonly bytes: number[] = [];
  #fill = 0;

  /** The lowest `bits` bits of `value`, lowest first. At most 31. */
  write(value: number, bits: number): void {
    for (let k = 0; k < bits; k++) {
      if (this.#fill === 0) this.bytes.push(0);
      const last = this.bytes.length - 1;
      this.bytes[last] = (this.bytes[last] as number) | (((value >>> k) & 1) << this.#fill);
      this.#fill = (this.#fill + 1) % 8;
    }
  }
}

export class BitReader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.position = position;
  }

  /** `bits` bits without going on; zeros behind the end. */
  peek(bits: number): number {
    let value = 0;
    for (let k = 0; k < bits; k++) {
      const at = this.position + k;
      const byte = this.#bytes[at >> 3] ?? 0;
      value |= ((byte >> (at & 7)) & 1) << k;
    }
    return value >>> 0;
  }

  read(bits: number): number {
    const value = this.peek(bits);
    this.position += bits;
    return value;
  }
}

/** Consecutive pieces of the given sizes, and one with what is left; undefined when they need more than there is. */
export function piecesOf(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] | undefined {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at + size > bytes.length) return undefined;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...pieces, bytes.subarray(at)];
}
