/**
 * Leaves alone what does not answer. After some failures in a row it stays open for a while, then lets one call through to see;
 * each time that fails too, it waits twice as long. Whoever is behind it can be done without, so nobody waits for it to come back.
 */
import type { World } from "./world/index.ts";

export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly failuresMax?: number;
  readonly restMsMin?: number;
  readonly restMsMax?: number;
}

export class Breaker {
  readonly #world: Pick<World, "ticks">;
  readonly #options: Required<BreakerOptions>;
  #failures = 0;
  #restMs: number;
  #openUntil = 0;
  #probing = false;

  constructor(world: Pick<World, "ticks">, { failuresMax = 2, restMsMin = 1000, restMsMax = 30_000 }: BreakerOptions = {}) {
    this.#world = world;
    this.#options = { failuresMax, restMsMin, restMsMax };
    this.#restMs = restMsMin;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#options.failuresMax;
  }

  /** Milliseconds until it lets a call through to see; 0 when it would do so now, or is closed. */
  get restMsLeft(): number {
    return this.isOpen ? Math.max(0, this.#openUntil - this.#world.ticks()) : 0;
  }

  /** Whether `allows` would say no. */
  get isResting(): boolean {
    return this.isOpen && (this.#probing || this.restMsLeft > 0);
  }

  /** Whether a call may be made; its outcome must be told. */
  allows(): boolean {
    if (this.isResting) return false;
    this.#probing = this.isOpen;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#probing = false;
    this.#restMs = this.#options.restMsMin;
  }

  /** Also for calls that were made before it opened: only a probe makes it wait longer. */
  failed(): void {
    this.#failures++;
    if (!this.isOpen) return;
    if (this.#probing) this.#restMs = Math.min(this.#options.restMsMax, this.#restMs * 2);
    this.#probing = false;
    this.#openUntil = this.#world.ticks() + this.#restMs;
  }

  /** The call ended without saying anything of what is behind: its caller gave up. */
  undecided(): void {
    this.#probing = false;
  }
}
