/** What the tiers of the cache hold, and whether the versions that are pinned there are whole. */
import { isFault } from "../core/errors.ts";
import type { Engine } from "../moves/engine.ts";
import type { TierSettings } from "../places/cache/index.ts";
import type { PinName, Tier } from "../places/cache/tier.ts";
import { withVersion } from "./load.ts";
import { pinOf } from "./warm.ts";

export interface PinSummary {
  readonly model: string;
  readonly version: string;
  readonly chunks: number;
  readonly bytes: number;
  /** Whether each of its chunks is there and kept. */
  readonly whole: boolean;
}

export interface TierSummary {
  readonly tier: string;
  readonly kind: TierSettings["kind"];
  /** Whether it answers; `problem` says why not, and the figures are 0. */
  readonly reachable: boolean;
  readonly problem: string | undefined;
  readonly bytes: number;
  /** Undefined where nothing bounds it. */
  readonly bytesMax: number | undefined;
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
  /** By which a memory or disk tier forgets. */
  readonly policy: string | undefined;
  /** That of the servers of a Redis tier. */
  readonly maxmemoryPolicy: string | undefined;
  readonly notes: readonly string[];
  readonly pins: readonly PinSummary[];
}

export async function cacheReport(engine: Engine, signal: AbortSignal): Promise<TierSummary[]> {
  const tiers = await engine.cache.tiers();
  return Promise.all(tiers.map((tier, index) => reportOf(engine, tier, engine.cache.settings[index] as TierSettings, signal)));
}

async function reportOf(engine: Engine, tier: Tier, { kind }: TierSettings, signal: AbortSignal): Promise<TierSummary> {
  try {
    const { policy, ...facts } = await tier.facts(signal);
    const policies = { policy: kind === "redis" ? undefined : policy, maxmemoryPolicy: kind === "redis" ? policy : undefined };
    return { tier: tier.name, kind, reachable: true, problem: undefined, ...facts, ...policies, pins: await pinsOf(engine, tier, signal) };
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    const nothing = { bytes: 0, bytesMax: undefined, entries: 0, hits: 0, misses: 0, policy: undefined, maxmemoryPolicy: undefined, notes: [], pins: [] };
    return { tier: tier.name, kind, reachable: false, problem: error.message, ...nothing };
  }
}

async function pinsOf(engine: Engine, tier: Tier, signal: AbortSignal): Promise<PinSummary[]> {
  const pins = (await tier.pins.list(signal)).toSorted((a, b) => (`${a.model}@${a.version}` < `${b.model}@${b.version}` ? -1 : 1));
  return Promise.all(
    pins.map(async ({ model, version, chunks, bytes }) => ({ model, version, chunks, bytes, whole: await isWhole(engine, tier, { model, version }, signal) })),
  );
}

/** A version that was removed since then cannot be loaded, whole or not. */
async function isWhole(engine: Engine, tier: Tier, { model, version }: PinName, signal: AbortSignal): Promise<boolean> {
  try {
    return await withVersion(engine, { model, revision: version }, signal, async (reading) => {
      const { pin } = await pinOf(engine, reading);
      return (await tier.pins.lacking(pin, reading.signal)).length === 0;
    });
  } catch (error) {
    if (isFault(error) && error.kind === "missing") return false;
    throw error;
  }
}
