/**
 * Whether the other side of a connection still shows signs of life: one sleeper, however many bytes pass. A process that was held up finds
 * its timers due before it hears what came meanwhile, so it listens once more before the other side is given up.
 */
import type { World } from "../core/world/index.ts";

export interface Patience {
  /** From the first request on until the connection stands. */
  readonly connectMs: number;
  /** Without a byte in either direction while something is awaited. There is no limit for the whole: a large body takes its time. */
  readonly idleMs: number;
}

export class SignsOfLife {
  readonly #world: World;
  readonly #patience: Patience;
  #connected: boolean;
  #last: number;
  #watching = false;

  constructor(world: World, patience: Patience, connected: boolean) {
    this.#world = world;
    this.#patience = patience;
    this.#connected = connected;
    this.#last = world.ticks();
  }

  get connected(): boolean {
    return this.#connected;
  }

  connect(): void {
    this.#connected = true;
    this.sign();
  }

  sign(): void {
    this.#last = this.#world.ticks();
  }

  /**
   * Calls `missed` with what was waited for in vain, at most once; ends without it when nothing is awaited any more, or at `over`. Where it
   * watches already it goes on with that.
   */
  async watch(awaited: () => boolean, missed: (problem: string) => void, over: AbortSignal): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    const { connectMs, idleMs } = this.#patience;
    try {
      for (let late = false; awaited(); ) {
        const limitMs = this.#connected ? idleMs : connectMs;
        const leftMs = this.#last + limitMs - this.#world.ticks();
        if (leftMs <= 0 && late) return missed(this.#connected ? `nothing moved for ${limitMs} ms` : `no connection within ${limitMs} ms`);
        late = leftMs <= 0;
        await this.#world.sleep(Math.max(0, Math.min(leftMs, connectMs, idleMs)), over);
      }
    } catch {
      // It is over: there is nothing to watch any more.
    } finally {
      this.#watching = false;
    }
  }
}
