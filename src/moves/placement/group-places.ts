/** Groups are spread so that each volume gets its share; behind the chosen volumes come the others, for when one fails. */
import type { VolumeName } from "../../core/names.ts";
import { choosePlaces } from "./choose.ts";
import type { VolumeFacts } from "./facts.ts";
import { spreadGroups } from "./spread.ts";

/** All usable volumes in the order of preference, for each group. */
export function groupPlaces(seed: string, groups: number, volumes: readonly VolumeFacts[], replicas: number): (group: number) => readonly VolumeName[] {
  const spread = spreadGroups(seed, groups, volumes, replicas);
  return (group) => [...new Set([...(spread[group] ?? []), ...choosePlaces(`${seed}/${group}`, volumes, Number.POSITIVE_INFINITY)])];
}
