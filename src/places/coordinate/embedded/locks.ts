import { throwIfCancelled } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { Held, Locks } from "../locks.ts";

interface Holding extends Held {
  readonly untilMs: number;
}

export class EmbeddedLocks implements Locks {
  readonly #world: World;
  readonly #holdings = new Map<string, Holding>();
  #token = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async take(names: readonly string[], leaseMs: number, signal: AbortSignal): Promise<readonly (Held | undefined)[]> {
    throwIfCancelled(signal);
    return names.map((name) => (this.#held(name) ? undefined : this.#hold({ name, token: ++this.#token, holder: this.#world.id() }, leaseMs)));
  }

  async renew(held: Held, leaseMs: number, signal: AbortSignal): Promise<boolean> {
    throwIfCancelled(signal);
    if (this.#held(held.name)?.holder !== held.holder) return false;
    this.#hold(held, leaseMs);
    return true;
  }

  async release(held: readonly Held[]): Promise<void> {
    for (const { name, holder } of held) if (this.#holdings.get(name)?.holder === holder) this.#holdings.delete(name);
  }

  #hold(held: Held, leaseMs: number): Held {
    this.#holdings.set(held.name, { ...held, untilMs: this.#world.ticks() + leaseMs });
    return held;
  }

  #held(name: string): Holding | undefined {
    const holding = this.#holdings.get(name);
    return holding && this.#world.ticks() < holding.untilMs ? holding : undefined;
  }
}
