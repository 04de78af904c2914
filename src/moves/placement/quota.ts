/** How many of some places each volume should give: in proportion to the weights, in whole numbers, never more than domains apart allow. */
import type { VolumeFacts } from "./facts.ts";
import { ranking } from "./score.ts";

interface Share {
  readonly volume: VolumeFacts;
  share: number;
}

/**
 * Whole numbers that sum to `places`, or less where the limits do not allow as many. With as many domains as replicas no domain gives more
 * than one place to a group; with fewer, no volume does. Which volumes round up is decided by rendezvous, so that it stays
 * decided when a volume is added.
 */
export function quotasOf(seed: string, volumes: readonly VolumeFacts[], places: number, groups: number, replicas: number): Map<VolumeFacts, number> {
  const ranked = ranking(volumes)(seed).map(({ volume }) => volume);
  const domains = new Set(ranked.map((volume) => volume.failureDomain)).size;
  const unitOf = (volume: VolumeFacts): string => (domains >= replicas ? volume.failureDomain : volume.name);
  return rounded(sharesOf(ranked, unitOf, places, groups), places);
}

/** Shares in proportion to the weights; a unit that would have more than `unitMax` has that, and the others share the rest. */
function sharesOf(volumes: readonly VolumeFacts[], unitOf: (volume: VolumeFacts) => string, places: number, unitMax: number): Share[] {
  const units = Map.groupBy(volumes, unitOf);
  const byWeight = [...units.values()].sort((a, b) => weightOf(b) - weightOf(a));
  let left = places;
  let weightLeft = weightOf(volumes);
  const shares: Share[] = [];
  for (const unit of byWeight) {
    const weight = weightOf(unit);
    const whole = Math.min(unitMax, (left * weight) / weightLeft);
    for (const volume of unit) shares.push({ volume, share: (whole * volume.weight) / weight });
    left -= whole;
    weightLeft -= weight;
  }
  return shares;
}

function weightOf(volumes: readonly VolumeFacts[]): number {
  return volumes.reduce((sum, volume) => sum + volume.weight, 0);
}

/** Rounds down, then gives what is left to the largest fractions; equal ones keep the order in which they come. */
function rounded(shares: readonly Share[], places: number): Map<VolumeFacts, number> {
  const quotas = new Map(shares.map(({ volume, share }) => [volume, Math.floor(share + 1e-9)]));
  let left = Math.min(places, Math.round(shares.reduce((sum, { share }) => sum + share, 0)));
  for (const quota of quotas.values()) left -= quota;
  const byFraction = [...shares].sort((a, b) => fractionOf(b) - fractionOf(a));
  for (const { volume } of byFraction.slice(0, left)) quotas.set(volume, (quotas.get(volume) ?? 0) + 1);
  return quotas;
}

/** Rounded, so that equal shares stay equal after different divisions. */
function fractionOf({ share }: Share): number {
  return Math.round((share - Math.floor(share + 1e-9)) * 1e6);
}
