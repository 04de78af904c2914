/**
 * Leaves alone what does not answer. After some failures in a row it stays open for a while, then lets one call through to see;
 * each time that fails too, it waits twice as long. What is behind it is a hint only, so nobody waits for it to come back.
 */
import type { World } from "./world/index.ts";

const failuresMax = 2;
const restMsMin = 1000;
const restMsMax = 30_000;

export class Breaker {
  readonly #world: Pick<World, "ticks">;
  #failures = 0;
  #restMs = restMsMin;
  #openUntil = 0;
  #probing = false;

  constructor(world: Pick<World, "ticks">) {
    this.#world = world;
  }

  get isOpen(): boolean {
    return this.#failures >= failuresMax;
  }

  /** Whether a call may be made; its outcome must be told. */
  allows(): boolean {
    if (!this.isOpen) return true;
    if (this.#probing || this.#world.ticks() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#probing = false;
    this.#restMs = restMsMin;
  }

  /** Also for calls that were made before it opened: only a probe makes it wait longer. */
  failed(): void {
    this.#failures++;
    if (!this.isOpen) return;
    if (this.#probing) this.#restMs = Math.min(restMsMax, this.#restMs * 2);
    this.#probing = false;
    this.#openUntil = this.#world.ticks() + this.#restMs;
  }

  /** The call ended without saying anything of what is behind: its caller gave up. */
  undecided(): void {
    this.#probing = false;
  }
}
