/** Whose turn it is in this process: first come, first served, as many at once as there are places, and nobody waits for ever. */
import { fault, type HoldfastError } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";

export interface TurnsOptions {
  readonly waitMs: number;
  /** Turns that are taken at once. Default: 1. */
  readonly places?: number;
  /** What is thrown at those who waited too long. Default: a transaction of this process did not end. */
  readonly late?: () => HoldfastError;
}

export class Turns {
  readonly #world: World;
  readonly #options: TurnsOptions;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(world: World, options: TurnsOptions) {
    this.#world = world;
    this.#options = options;
    this.#free = options.places ?? 1;
  }

  /** Resolves when it is the caller's turn, which lasts until `done`. Throws CATALOG_UNREACHABLE, or what `late` says, when that takes too long. */
  async take(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await this.#wait();
  }

  done(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }

  async #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const turn = () => resolve(true);
    this.#waiting.push(turn);
    const timer = new AbortController();
    const { waitMs, late = () => tooLong(waitMs) } = this.#options;
    this.#world.sleep(waitMs, timer.signal).then(
      () => this.#leave(turn) && resolve(false),
      () => undefined,
    );
    const mine = await promise;
    timer.abort();
    if (!mine) throw late();
  }

  #leave(turn: () => void): boolean {
    const at = this.#waiting.indexOf(turn);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }
}

function tooLong(waitMs: number): HoldfastError {
  return fault("CATALOG_UNREACHABLE", `another transaction of this process has been open for ${waitMs} ms`, {
    advice: "Inside `transaction`, ask only the roles that it hands in; a call on the catalog itself waits for the transaction to end.",
  });
}
