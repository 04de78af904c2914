/** Counts bytes that are on their way and keeps more from coming while there are too many. Never refuses when there are none. */
export class Gate {
  readonly #bytesMax: number;
  #bytes = 0;
  #waiting: (() => void)[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax) return;
    for (const go of this.#waiting.splice(0)) go();
  }

  async open(): Promise<void> {
    while (this.#bytes > this.#bytesMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
