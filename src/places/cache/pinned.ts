/** Which keys pinned versions hold, how many hold each, and what they take together: what a tier with a policy of its own needs to know of pins. */
import type { CacheKey } from "./key.ts";
import type { Pin, PinFacts, PinName } from "./tier.ts";

interface Held {
  readonly bytes: number;
  holders: number;
}

export class PinnedKeys {
  /** What one value takes in the tier. */
  readonly #bytesOf: (storedBytes: number) => number;
  readonly #pins = new Map<string, PinFacts>();
  readonly #held = new Map<CacheKey, Held>();
  bytes = 0;

  constructor(bytesOf: (storedBytes: number) => number) {
    this.#bytesOf = bytesOf;
  }

  holds(key: CacheKey): boolean {
    return this.#held.has(key);
  }

  has(name: PinName): boolean {
    return this.#pins.has(spell(name));
  }

  /** What the pin would take beside the others. */
  moreBytes({ chunks }: Pin): number {
    const fresh = new Map(chunks.filter(({ key }) => !this.#held.has(key)).map(({ key, form }) => [key, this.#bytesOf(form.storedBytes)]));
    return [...fresh.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  add(pin: Pin): void {
    if (this.has(pin)) return;
    let total = 0;
    for (const { key, form } of pin.chunks) {
      const held = this.#held.get(key) ?? { bytes: this.#bytesOf(form.storedBytes), holders: 0 };
      if (held.holders++ === 0) this.bytes += held.bytes;
      this.#held.set(key, held);
      total += held.bytes;
    }
    this.#pins.set(spell(pin), { model: pin.model, version: pin.version, chunks: pin.chunks.length, bytes: total });
  }

  /** Returns the keys that nobody holds any more. */
  remove(pin: Pin): readonly CacheKey[] {
    if (!this.#pins.delete(spell(pin))) return [];
    return pin.chunks.flatMap(({ key }) => {
      const held = this.#held.get(key);
      if (!held || --held.holders > 0) return [];
      this.#held.delete(key);
      this.bytes -= held.bytes;
      return [key];
    });
  }

  list(): readonly PinFacts[] {
    return [...this.#pins.values()];
  }

  clear(): void {
    this.#pins.clear();
    this.#held.clear();
    this.bytes = 0;
  }
}

function spell({ model, version }: PinName): string {
  return `${model}@${version}`;
}
