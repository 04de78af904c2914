/**
 * The places of all groups of a push at once. Rendezvous alone leaves some volumes with three times the groups of others when groups are
 * few; here every volume has a quota (consistent hashing with bounded loads, Mirrokni et al. 2018, with bounds that are
 * exact), and a group that finds only full volumes takes a place from another one that has a choice.
 */
import type { VolumeName } from "../../core/names.ts";
import { copiesOf, fillPlaces, isDomainApart } from "./choose.ts";
import { takesObjects, type VolumeFacts } from "./facts.ts";
import { quotasOf } from "./quota.ts";
import { ranking } from "./score.ts";

/**
 * For each group the volumes that its shards should be on, by the same rules as `choosePlaces`. The same seed, groups and volumes
 * give the same places; one volume more moves about the places that it takes.
 */
export function spreadGroups(seed: string, groups: number, volumes: readonly VolumeFacts[], replicas: number): VolumeName[][] {
  const able = volumes.filter(takesObjects);
  const spread = new Spread(quotasOf(seed, able, placesWanted(able, groups, replicas), groups, replicas));
  const rank = ranking(able);
  for (let group = 0; group < groups; group++) {
    const ranked = rank(`${seed}/${group}`).map(({ volume }) => volume);
    spread.place(group, ranked, replicas);
  }
  return spread.places.map((places) => places.map(({ name }) => name));
}

/** Volumes that keep several copies by themselves fill a group with fewer places. */
function placesWanted(volumes: readonly VolumeFacts[], groups: number, replicas: number): number {
  const weight = volumes.reduce((sum, volume) => sum + volume.weight, 0);
  const copies = volumes.reduce((sum, volume) => sum + volume.weight * Math.min(volume.copies, replicas), 0);
  return weight === 0 ? 0 : Math.ceil((groups * replicas * weight) / copies);
}

class Spread {
  readonly places: VolumeFacts[][] = [];
  readonly #room: Map<VolumeFacts, number>;
  readonly #holders = new Map<VolumeFacts, Set<number>>();

  constructor(quotas: Map<VolumeFacts, number>) {
    this.#room = quotas;
    for (const volume of quotas.keys()) this.#holders.set(volume, new Set());
  }

  place(group: number, ranked: readonly VolumeFacts[], replicas: number): void {
    const places: VolumeFacts[] = [];
    this.places[group] = places;
    for (const volume of ranked) if (copiesOf(places) < replicas && this.#hasRoom(volume) && isDomainApart(volume, places)) this.#take(group, volume);
    while (copiesOf(places) < replicas && this.#makeRoom(group, ranked));
    const emptiestFirst = [...ranked].sort((a, b) => this.#roomOf(b) - this.#roomOf(a));
    for (const volume of fillPlaces(places, emptiestFirst, replicas).slice(places.length)) this.#take(group, volume);
  }

  /**
   * Finds the shortest chain of groups that each move one place on, from a volume that this group may take to one that has
   * room, and moves them. No group moves twice in a chain, so that domains stay apart.
   */
  #makeRoom(group: number, ranked: readonly VolumeFacts[]): boolean {
    const from = new Map<VolumeFacts, { group: number; volume: VolumeFacts } | undefined>();
    const moved = new Set([group]);
    const queue = ranked.filter((volume) => isDomainApart(volume, this.places[group] as VolumeFacts[]));
    for (const volume of queue) from.set(volume, undefined);
    for (const volume of queue) {
      if (this.#hasRoom(volume)) {
        this.#take(group, this.#shift(volume, from));
        return true;
      }
      for (const holder of this.#holders.get(volume) as Set<number>) {
        if (moved.has(holder)) continue;
        moved.add(holder);
        const others = (this.places[holder] as VolumeFacts[]).filter((place) => place !== volume);
        for (const next of ranked) {
          if (from.has(next) || next.copies < volume.copies || !isDomainApart(next, others)) continue;
          from.set(next, { group: holder, volume });
          queue.push(next);
        }
      }
    }
    return false;
  }

  /** Moves along the chain that ends at a volume with room; returns the volume in which there is room then. */
  #shift(end: VolumeFacts, from: ReadonlyMap<VolumeFacts, { group: number; volume: VolumeFacts } | undefined>): VolumeFacts {
    let free = end;
    for (let step = from.get(free); step; step = from.get(free)) {
      this.#drop(step.group, step.volume);
      this.#take(step.group, free);
      free = step.volume;
    }
    return free;
  }

  #take(group: number, volume: VolumeFacts): void {
    (this.places[group] as VolumeFacts[]).push(volume);
    this.#holders.get(volume)?.add(group);
    this.#room.set(volume, this.#roomOf(volume) - 1);
  }

  #drop(group: number, volume: VolumeFacts): void {
    this.places[group] = (this.places[group] as VolumeFacts[]).filter((place) => place !== volume);
    this.#holders.get(volume)?.delete(group);
    this.#room.set(volume, this.#roomOf(volume) + 1);
  }

  #hasRoom(volume: VolumeFacts): boolean {
    return this.#roomOf(volume) > 0;
  }

  #roomOf(volume: VolumeFacts): number {
    return this.#room.get(volume) ?? 0;
  }
}
