/**
 * One filler for each chunk across processes: who is first takes its lock and fetches it into the shared tiers of the cache, the others wait
 * a little and find it there. Locks and waiting save reads and nothing else: whoever waited in vain fetches all the same, and when that was
 * so twice, waits no more for a while.
 */
import { Breaker } from "../../core/breaker.ts";
import type { World } from "../../core/world/index.ts";
import type { Coordinator } from "./coordinator.ts";
import type { Held } from "./locks.ts";

export interface FillPatience {
  /** Without anything coming from those who are waited for. */
  readonly waitMs: number;
  /** Of the lock on a chunk: longer than fetching a window takes, as a holder that died is waited for so long at most. */
  readonly leaseMs: number;
}

const patienceDefault: FillPatience = { waitMs: 5000, leaseMs: 15_000 };
const askEveryMsMin = 10;
const askEveryMsMax = 100;

export class Fillers implements AsyncDisposable {
  readonly #coordinator: Coordinator;
  readonly #world: World;
  readonly #patience: FillPatience;
  readonly #worth: Breaker;
  readonly #releasing = new Set<Promise<void>>();

  constructor(coordinator: Coordinator, world: World, patience = patienceDefault) {
    this.#coordinator = coordinator;
    this.#world = world;
    this.#patience = patience;
    this.#worth = new Breaker(world);
  }

  /** Whether there are others to take turns with. */
  get inUse(): boolean {
    return this.#coordinator.shared;
  }

  /** For each chunk its lock, where nobody is fetching it. */
  take(keys: readonly string[], signal: AbortSignal): Promise<readonly (Held | undefined)[]> {
    return this.#coordinator.locks.take(
      keys.map((key) => `fill/${key}`),
      this.#patience.leaseMs,
      signal,
    );
  }

  /** Lets go of the locks, in the background, when the chunks are where others find them. */
  release(held: readonly Held[], kept: Promise<void>): void {
    if (held.length === 0) return;
    const releasing = kept.then(() => this.#coordinator.locks.release(held)).finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  /** For waiting once, for those who fetch what one wants. */
  wait(): FillWait {
    return new FillWait(this.#world, this.#worth, this.#patience.waitMs);
  }

  /** Resolves when all locks are let go. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#releasing.size > 0) await Promise.all(this.#releasing);
  }
}

/** Must be disposed of: it may be the one that finds out whether waiting is worth it again. */
export class FillWait implements Disposable {
  readonly #world: World;
  readonly #worth: Breaker;
  readonly #waitMs: number;
  #state: "fresh" | "waiting" | "decided" = "fresh";
  #pauseMs = askEveryMsMin;
  #untilMs = 0;

  constructor(world: World, worth: Breaker, waitMs: number) {
    this.#world = world;
    this.#worth = worth;
    this.#waitMs = waitMs;
  }

  /** Sleeps a little; false when it is time to fetch without more waiting. Throws CANCELLED. */
  async more(signal: AbortSignal): Promise<boolean> {
    if (this.#state === "fresh" && !this.#begin()) return false;
    const leftMs = this.#untilMs - this.#world.ticks();
    if (leftMs <= 0) {
      this.inVain();
      return false;
    }
    await this.#world.sleep(Math.min(leftMs, this.#pauseMs * (0.5 + this.#world.random())), signal);
    this.#pauseMs = Math.min(askEveryMsMax, this.#pauseMs * 1.5);
    return true;
  }

  /** Something came from those who are waited for, so more may come. */
  came(): void {
    this.#patient();
    this.#decide(() => this.#worth.succeeded());
  }

  /** Nothing came in time, or one who was waited for let go without leaving anything. */
  inVain(): void {
    this.#decide(() => this.#worth.failed());
  }

  [Symbol.dispose](): void {
    this.#decide(() => this.#worth.undecided());
  }

  #begin(): boolean {
    if (!this.#worth.allows()) return false;
    this.#state = "waiting";
    this.#patient();
    return true;
  }

  #patient(): void {
    this.#untilMs = this.#world.ticks() + this.#waitMs;
    this.#pauseMs = askEveryMsMin;
  }

  #decide(say: () => void): void {
    if (this.#state === "waiting") say();
    this.#state = "decided";
  }
}
