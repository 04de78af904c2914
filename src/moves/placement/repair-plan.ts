/** What to do about an object whose replicas are not as they should be. */
import type { VolumeName } from "../../core/names.ts";
import { copiesOf, fillPlaces, isDomainApart } from "./choose.ts";
import type { VolumeFacts } from "./facts.ts";
import { ranking } from "./score.ts";

export interface RepairFacts {
  /** Of the object, or of its group where it was placed as one. */
  readonly key: string;
  readonly replicasWanted: number;
  readonly volumes: readonly VolumeFacts[];
  /** `suspect` is for scrub to decide first; here it is kept, and not counted on. Replicas on volumes that are not among the facts are ignored. */
  readonly replicas: readonly { readonly volume: VolumeName; readonly state: "good" | "suspect" | "bad" }[];
}

export interface RepairPlan {
  /** Good replicas to read from, those that stay first. None: nothing can be repaired, and nothing may be removed. */
  readonly sources: readonly VolumeName[];
  /** Volumes that get the object anew: an old replica there is removed immediately before. */
  readonly write: readonly VolumeName[];
  /** Replicas to be removed once everything in `write` is durable and read back. */
  readonly drop: readonly VolumeName[];
}

/**
 * Keeps the good replicas that are domains apart on volumes in use, fills up to `replicasWanted` (first where a bad replica
 * lies, then by rendezvous), and drops what is then left over. A draining volume is read from and counts for nothing.
 */
export function planRepair({ key, replicasWanted, volumes, replicas }: RepairFacts): RepairPlan {
  const facts = new Map(volumes.map((volume) => [volume.name, volume]));
  const inState = (state: string): VolumeFacts[] => replicas.filter((one) => one.state === state).flatMap((one) => facts.get(one.volume) ?? []);
  const ranked = ranking(volumes)(key).map(({ volume }) => volume);
  const good = inState("good");
  if (good.length === 0) return { sources: [], write: [], drop: [] };
  const suspect = new Set(inState("suspect"));
  const free = ranked.filter((volume) => !good.includes(volume) && !suspect.has(volume));
  const candidates = badFirst(free, inState("bad"));
  const inUse = inRankOrder(
    good.filter((volume) => volume.state === "active"),
    ranked,
  );
  const kept = keepers(inUse, free, replicasWanted);
  const filled = fillPlaces(kept, candidates, replicasWanted);
  const places = fillPlaces([], inRankOrder(filled, ranked), replicasWanted); // one that keeps several copies may have made others needless
  const write = places.filter((volume) => !kept.includes(volume));
  const enough = copiesOf(places) >= replicasWanted;
  const spare = [...good, ...inState("bad")].filter((volume) => !places.includes(volume));
  return {
    sources: names([...kept, ...good.filter((volume) => !kept.includes(volume))]),
    write: names(write),
    drop: names(enough ? spare : spare.filter((volume) => !good.includes(volume))),
  };
}

function badFirst(ranked: readonly VolumeFacts[], bad: readonly VolumeFacts[]): VolumeFacts[] {
  return [...ranked.filter((volume) => bad.includes(volume)), ...ranked.filter((volume) => !bad.includes(volume))];
}

/** Those that take objects in their order, then the others: so what is one too many goes from a full volume first. */
function inRankOrder(volumes: readonly VolumeFacts[], ranked: readonly VolumeFacts[]): VolumeFacts[] {
  return [...ranked.filter((volume) => volumes.includes(volume)), ...volumes.filter((volume) => !ranked.includes(volume))];
}

/**
 * Good replicas that stay: those domains apart, then others only as far as no further domain could take their part. `candidates` in order of
 * rank: with those that have a bad replica first, the plan would be another one as soon as that is gone.
 */
function keepers(good: readonly VolumeFacts[], candidates: readonly VolumeFacts[], wanted: number): VolumeFacts[] {
  const apart = fillApart([], good, wanted);
  const reachable = fillApart(apart, candidates, wanted);
  const others = good.filter((volume) => !apart.includes(volume));
  for (const volume of others)
    if (copiesOf(reachable) < wanted) {
      apart.push(volume);
      reachable.push(volume);
    }
  return apart;
}

function fillApart(kept: readonly VolumeFacts[], from: readonly VolumeFacts[], wanted: number): VolumeFacts[] {
  const places = [...kept];
  for (const volume of from) if (copiesOf(places) < wanted && isDomainApart(volume, places)) places.push(volume);
  return places;
}

function names(volumes: readonly VolumeFacts[]): VolumeName[] {
  return volumes.map(({ name }) => name);
}
