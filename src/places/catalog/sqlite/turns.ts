/** Whose turn it is to write in this process: first come, first served, and nobody waits for ever. */
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";

export class Turns {
  readonly #world: World;
  readonly #waitMs: number;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(world: World, waitMs: number) {
    this.#world = world;
    this.#waitMs = waitMs;
  }

  /** Resolves when it is the caller's turn, which lasts until `done`. Throws CATALOG_UNREACHABLE when that takes too long. */
  async take(): Promise<void> {
    if (this.#taken) await this.#wait();
    this.#taken = true;
  }

  done(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }

  async #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const turn = () => resolve(true);
    this.#waiting.push(turn);
    const timer = new AbortController();
    this.#world.sleep(this.#waitMs, timer.signal).then(
      () => this.#leave(turn) && resolve(false),
      () => undefined,
    );
    const mine = await promise;
    timer.abort();
    if (!mine) throw tooLong(this.#waitMs);
  }

  #leave(turn: () => void): boolean {
    const at = this.#waiting.indexOf(turn);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }
}

function tooLong(waitMs: number) {
  return fault("CATALOG_UNREACHABLE", `another transaction of this process has been open for ${waitMs} ms`, {
    advice: "Inside `transaction`, ask only the roles that it hands in; a call on the catalog itself waits for the transaction to end.",
  });
}
