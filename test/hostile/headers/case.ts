/** One file of the corpus. It is written to disk part by part, then extended with a hole to `sparseBytes`. */
export interface HostileHeader {
  readonly name: string;
  readonly fileName: string;
  readonly parts: Iterable<Uint8Array>;
  readonly sparseBytes: number;
  /** False for the few that are odd but true: they may parse, and must cost no more than the others. */
  readonly refused: boolean;
}

export function hostile(fileName: string, name: string, bytes: Uint8Array, options: { sparseBytes?: number; refused?: boolean } = {}): HostileHeader {
  return { name: `${fileName}: ${name}`, fileName, parts: [bytes], sparseBytes: options.sparseBytes ?? 0, refused: options.refused ?? true };
}

/** A good file cut at `count` places, each of which must be noticed. */
export function* truncated(fileName: string, good: Uint8Array, count: number): Generator<HostileHeader> {
  const ends = new Set([0, 1, 7, 8, good.length - 1]);
  for (let index = 1; index < count; index++) ends.add(Math.floor((good.length * index) / count));
  for (const end of ends) yield hostile(fileName, `cut at byte ${end} of ${good.length}`, good.subarray(0, end));
}

/** Little-endian fields one behind the other. */
export class Bytes {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(...values: number[]): this {
    return this.raw(Uint8Array.from(values));
  }

  u16(value: number): this {
    const part = Buffer.alloc(2);
    part.writeUInt16LE(value);
    return this.raw(part);
  }

  u32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value >>> 0);
    return this.raw(part);
  }

  u64(value: number | bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    return this.raw(part);
  }

  raw(part: Uint8Array | string): this {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  /** Up to the next multiple. */
  pad(multiple: number): this {
    return this.raw(Buffer.alloc((multiple - (this.#length % multiple)) % multiple));
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
