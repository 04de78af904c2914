/**
 * A whole version into one tier of the cache, kept there: pinned before its first chunk is written, so that none of them goes while others
 * come, and asked for at the end. All or nothing: what cannot be kept whole is let go again.
 */
import { fault } from "../core/errors.ts";
import { domainOf, type VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { fillTier, formsOf, type TierChunk } from "../moves/transfer/index.ts";
import type { ModelAt } from "../moves/versions/index.ts";
import { cacheKey } from "../places/cache/index.ts";
import type { Pin, Tier } from "../places/cache/tier.ts";
import { type Reading, withVersion } from "./load.ts";
import type { Progress } from "./progress.ts";
import { repairDamage } from "./repair.ts";
import { distinctChunks } from "./version-chunks.ts";

export interface WarmResult {
  readonly version: VersionId;
  readonly tier: string;
  readonly pinned: boolean;
  readonly chunks: number;
  /** What the version takes in the tier, as stored. */
  readonly bytes: number;
  /** Read from volumes for it. */
  readonly fetchedBytes: number;
  /** Replicas that were found damaged and are whole again. */
  readonly repaired: number;
}

export interface WarmRequest {
  readonly at: ModelAt;
  readonly tier: string;
  readonly unpin: boolean;
}

/** A value may be evicted between being looked for and being kept: the second round finds it. */
const roundsMax = 3;

export async function warm(engine: Engine, { at, tier: name, unpin }: WarmRequest, progress: Progress, signal: AbortSignal): Promise<WarmResult> {
  const tier = await engine.cache.tier(name);
  return withVersion(engine, at, signal, async (reading) => {
    const { replicas, version } = reading;
    const { pin, chunks } = await pinOf(engine, reading);
    if (unpin) await tier.pins.remove(pin, reading.signal);
    else await keepWhole(engine, reading, tier, pin, chunks, progress);
    const bytes = pin.chunks.reduce((sum, { form }) => sum + form.storedBytes, 0);
    const repaired = await repairDamage(engine, replicas.damage.repairable, reading.signal);
    return { version, tier: name, pinned: !unpin, chunks: pin.chunks.length, bytes, fetchedBytes: replicas.fetchedBytes, repaired };
  });
}

/** The chunks of a version as a tier pins them. */
export async function pinOf(engine: Engine, reading: Reading): Promise<{ readonly pin: Pin; readonly chunks: readonly TierChunk[] }> {
  const { manifest, version } = reading;
  const domain = domainOf(manifest.model);
  const chunks = [...distinctChunks(manifest.files).values()].map((chunk) => ({ ...chunk, key: cacheKey(domain, chunk.digest) }));
  const forms = await formsOf({ engine, domain, ...reading }, chunks);
  return { chunks, pin: { model: manifest.model, version, chunks: chunks.map(({ key }, index) => ({ key, form: forms[index] as (typeof forms)[number] })) } };
}

async function keepWhole(engine: Engine, reading: Reading, tier: Tier, pin: Pin, chunks: readonly TierChunk[], progress: Progress): Promise<void> {
  const { signal } = reading;
  const before = (await tier.pins.list(signal)).some(({ model, version }) => model === pin.model && version === pin.version);
  await tier.pins.add(pin, signal);
  try {
    await fill(engine, reading, tier, pin, chunks, progress);
  } catch (error) {
    // The caller may have given up, and a half must not stay for that.
    if (!before) await tier.pins.remove(pin, new AbortController().signal);
    throw error;
  }
}

async function fill(engine: Engine, reading: Reading, tier: Tier, pin: Pin, chunks: readonly TierChunk[], progress: Progress): Promise<void> {
  const source = { engine, domain: domainOf(reading.manifest.model), ...reading };
  const total = chunks.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
  for (let round = 0; ; round++) {
    const lacking = new Set(await tier.pins.lacking(pin, reading.signal));
    if (lacking.size === 0) return;
    if (round === roundsMax) throw notTaken(tier, lacking.size, chunks.length);
    const missing = chunks.filter(({ key }) => lacking.has(key));
    let done = total - missing.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
    const report = (bytes: number): void => progress({ step: "warming", bytes: (done += bytes), total });
    report(0);
    await fillTier(source, tier, missing, report);
  }
}

function notTaken(tier: Tier, lacking: number, chunks: number): Error {
  return fault("CACHE_FULL", `tier ${tier.name} does not take ${lacking} of the ${chunks} chunks, so nothing of the version is pinned`, {
    advice: "See `holdfast cache` for what it has room for, and whether its servers answer.",
  });
}
