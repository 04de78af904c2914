/** How many bytes may be asked of a second replica while the first is still at it: a share of those that were read, so that hedging never costs more than that. */
import { MiB } from "../../core/units.ts";

const share = 0.05;
/** What is saved up at most; so of any stretch of reads the share is kept to, but for this. */
const savedBytesMax = 16 * MiB;

export class HedgeBudget {
  #bytes = 0;

  /** So many bytes were read. */
  earn(bytes: number): void {
    this.#bytes = Math.min(savedBytesMax, this.#bytes + bytes * share);
  }

  /** Whether so many bytes may be read twice; they are taken off when they may. */
  take(bytes: number): boolean {
    if (bytes > this.#bytes) return false;
    this.#bytes -= bytes;
    return true;
  }
}
