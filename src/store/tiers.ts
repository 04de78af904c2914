/** The tiers of a store's cache, from its settings. */
import { resolve } from "node:path";
import type { Config } from "../config/index.ts";
import { fault } from "../core/errors.ts";
import { GiB, MiB } from "../core/units.ts";
import type { TierSettings } from "../places/cache/index.ts";

const diskBytes = 10 * GiB;
/** Of a program that opens a store with volumes elsewhere and says nothing: small beside what it takes anyhow. */
const memoryBytes = 64 * MiB;

type Entry = NonNullable<Config["cache"]>[number];

/** `standing`: what a process that lives long has when nothing is said. */
export function tiersOf({ cache }: Pick<Config, "cache">, folder: string, standing: boolean): TierSettings[] {
  const tiers = cache?.map((entry) => tierOf(entry, folder)) ?? (standing ? [standingTier] : []);
  const [double] = tiers.filter(({ name }, index) => tiers.findIndex((other) => other.name === name) < index);
  if (double) throw fault("CONFIG_INVALID", `two tiers of the cache are named ${double.name}`, { advice: "Give each tier a `name` in holdfast.yaml." });
  return tiers;
}

const standingTier: TierSettings = { kind: "memory", name: "memory", bytes: memoryBytes, policy: "lru" };

function tierOf(entry: Entry, folder: string): TierSettings {
  const { memory, disk, redis, policy = "lru" } = entry;
  if (memory !== undefined) return { kind: "memory", name: entry.name ?? "memory", bytes: memory, policy };
  if (disk !== undefined) return { kind: "disk", name: entry.name ?? "disk", folder: resolve(folder, disk), bytes: entry.size ?? diskBytes, policy };
  return {
    kind: "redis",
    name: entry.name ?? "redis",
    urls: redis ?? [],
    mode: entry.mode ?? "ring",
    copies: entry.copies ?? 1,
    maxmemoryPolicy: entry["maxmemory-policy"],
    prefix: entry.prefix ?? "holdfast",
  };
}

/** Memory tiers with what there is for all of them, each its share. */
export function sharedOut(tiers: readonly TierSettings[], cacheBytes: number): TierSettings[] {
  const wanted = memoryBytesOf(tiers);
  return tiers.map((tier) => (tier.kind === "memory" ? { ...tier, bytes: Math.floor(tier.bytes * Math.min(1, cacheBytes / wanted)) } : tier));
}

export function memoryBytesOf(tiers: readonly TierSettings[]): number {
  return tiers.reduce((sum, tier) => sum + (tier.kind === "memory" ? tier.bytes : 0), 0);
}
