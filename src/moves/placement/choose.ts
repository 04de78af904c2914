/** The places of one object, and the rule by which any set of places is filled: domains apart first, then volumes apart. */
import type { VolumeName } from "../../core/names.ts";
import type { VolumeFacts } from "./facts.ts";
import { ranking } from "./score.ts";

/**
 * The volumes that an object should be on, best first, so that their copies together are at least `replicas`. Each is in a
 * failure domain of its own while there are domains left, then the rest are on other volumes. Fewer come back only where
 * there are not enough volumes: whether that will do is for the caller to say.
 */
export function choosePlaces(key: string, volumes: readonly VolumeFacts[], replicas: number): VolumeName[] {
  const ranked = ranking(volumes)(key).map(({ volume }) => volume);
  return fillPlaces([], ranked, replicas).map(({ name }) => name);
}

/** `kept` and what is added to it from `candidates`, which come in order of preference. */
export function fillPlaces(kept: readonly VolumeFacts[], candidates: readonly VolumeFacts[], replicas: number): VolumeFacts[] {
  const places = [...kept];
  for (const apart of [isDomainApart, isVolumeApart])
    for (const volume of candidates) if (copiesOf(places) < replicas && apart(volume, places)) places.push(volume);
  return places;
}

export function copiesOf(places: readonly VolumeFacts[]): number {
  return places.reduce((sum, volume) => sum + volume.copies, 0);
}

export function isDomainApart(volume: VolumeFacts, places: readonly VolumeFacts[]): boolean {
  return places.every((place) => place.failureDomain !== volume.failureDomain);
}

function isVolumeApart(volume: VolumeFacts, places: readonly VolumeFacts[]): boolean {
  return places.every((place) => place.name !== volume.name);
}
