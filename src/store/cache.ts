/** The cache of a store, as its user sees and fills it. */
import { fault } from "../core/errors.ts";
import type { TierSummary } from "../flows/cache-report.ts";
import type { WarmResult } from "../flows/warm.ts";
import { parseModelAt } from "../moves/versions/index.ts";
import type { CacheClearOptions, TaskOptions, WarmOptions } from "./options.ts";
import type { Running, Timed } from "./running.ts";
import type { StoreEngine } from "./store-engine.ts";
import type { Task } from "./task.ts";

export interface CacheCleared {
  /** Names of the tiers that are empty now. */
  readonly tiers: readonly string[];
}

export class Cache {
  readonly #engine: StoreEngine;
  readonly #running: Running;

  constructor(engine: StoreEngine, running: Running) {
    this.#engine = engine;
    this.#running = running;
  }

  /** The tiers, the nearest first. One that does not answer is listed with the reason. */
  async list({ signal }: TaskOptions = {}): Promise<TierSummary[]> {
    const { cacheReport } = await import("../flows/cache-report.ts");
    return this.#running.do(signal, (joined) => cacheReport(this.#engine, joined));
  }

  /**
   * Puts a whole version into a tier and keeps it there, whatever else comes. Throws TIER_MISSING, CACHE_FULL where it does not fit whole,
   * CACHE_UNREACHABLE, and what `pull` throws of a store.
   */
  warm(model: string, options: WarmOptions = {}): Task<Timed<WarmResult>> {
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const { warm } = await import("../flows/warm.ts");
      return warm(this.#engine, { at: parseModelAt(model), tier: options.tier ?? this.#farthest(), unpin: options.unpin ?? false }, progress, signal);
    });
  }

  /** Empties tiers, pinned versions too. Throws TIER_MISSING, CACHE_UNREACHABLE. */
  async clear({ tier, signal }: CacheClearOptions = {}): Promise<CacheCleared> {
    return this.#running.do(signal, async (joined) => {
      const { cache } = this.#engine;
      const chosen = tier === undefined ? await cache.tiers() : [await cache.tier(tier)];
      const cleared = await Promise.allSettled(chosen.map((one) => one.clear(joined)));
      for (const one of cleared) if (one.status === "rejected") throw one.reason;
      return { tiers: chosen.map(({ name }) => name) };
    });
  }

  #farthest(): string {
    const last = this.#engine.cache.settings.at(-1);
    if (!last) throw fault("TIER_MISSING", "the store has no cache", { advice: "Name tiers under `cache:` in holdfast.yaml (docs/cache.md)." });
    return last.name;
  }
}
