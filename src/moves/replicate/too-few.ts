/** The one way in which copies that must be there are not: what is known of why, and what helps. */
import { fault, isFault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectKey } from "../../places/volumes/index.ts";

export interface Failure {
  /** Undefined where no volume was come to. */
  readonly volume: VolumeName | undefined;
  readonly error: Error;
}

/** REPLICAS_TOO_FEW, or VOLUME_FULL where that is why. */
export function tooFew(key: ObjectKey, copies: number, copiesMin: number, failures: readonly Failure[]): Error {
  const told = failures.map(({ volume, error }) => (volume === undefined ? error.message : `${volume}: ${error.message}`));
  const full = failures.some(({ error }) => isFault(error, "VOLUME_FULL"));
  return fault(
    full ? "VOLUME_FULL" : "REPLICAS_TOO_FEW",
    `${key} has ${copies} copies instead of ${copiesMin} (${told.join("; ") || "there are not enough volumes"})`,
    {
      cause: failures[0]?.error,
      advice: full ? "Free space, or add a volume with `holdfast volumes add`." : adviceFor(failures),
    },
  );
}

/** Where all volumes fail for one reason, what helps against that says more. */
function adviceFor(failures: readonly Failure[]): string {
  const advices = new Set(failures.map(({ error }) => (isFault(error) ? error.advice : undefined)));
  const [shared] = advices;
  if (advices.size === 1 && shared !== undefined) return shared;
  return "Bring volumes back, add one with `holdfast volumes add`, or push with fewer --replicas.";
}
