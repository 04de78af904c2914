/** Shared memory that is made and touched once and handed out again in every round, as a program does that loads more than once. */
export class TouchedMemory {
  readonly #blocks = new Map<number, SharedArrayBuffer[]>();
  #given = new Map<number, number>();

  /** From now on all of it is free again. */
  again(): void {
    this.#given = new Map();
  }

  readonly allocate = (bytes: number): SharedArrayBuffer => {
    const blocks = this.#blocks.get(bytes) ?? [];
    this.#blocks.set(bytes, blocks);
    const given = this.#given.get(bytes) ?? 0;
    this.#given.set(bytes, given + 1);
    return (blocks[given] ??= touched(bytes));
  };

  /** Largest first. */
  get blocks(): SharedArrayBuffer[] {
    return [...this.#blocks.values()].flat().sort((a, b) => b.byteLength - a.byteLength);
  }
}

function touched(bytes: number): SharedArrayBuffer {
  const block = new SharedArrayBuffer(bytes);
  new Uint8Array(block).fill(1);
  return block;
}
