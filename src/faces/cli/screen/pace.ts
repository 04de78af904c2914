/** How fast something goes, from what was seen in the last seconds: a rate that people can believe, and the time that is left. */
const windowMs = 5000;
const samplesMax = 64;

export class Pace {
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  /** `bytes` done so far. Going back begins anew. */
  see(atMs: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = [];
    // Far more events come than a rate needs; those in between are replaced by the newest.
    if (last && this.#samples.length > 1 && atMs - (this.#samples.at(-2)?.atMs ?? 0) < windowMs / samplesMax) this.#samples.pop();
    this.#samples.push({ atMs, bytes });
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? 0) < atMs - windowMs) this.#samples.shift();
  }

  /** Undefined until there is something to go by. */
  bytesPerSecond(nowMs: number): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || nowMs - first.atMs < 200) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (nowMs - first.atMs);
  }
}
