/**
 * Objects that were there before and that something new is to stand on, as good as if they were written for it: they want from now on what is
 * wanted now, and those with fewer copies than must be there get them first. What was pushed with fewer replicas, or has lost some, would
 * otherwise be all that a push stands on which only found it.
 */
import { isFault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectId, ObjectRow, ReplicaRow } from "../../places/catalog/index.ts";
import { objectKey } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { eachLimited } from "../transfer/index.ts";
import { copiesByVolume, sumOfCopies } from "../volume-facts.ts";
import { repairObject } from "./repair-object.ts";
import type { Durability } from "./store-object.ts";
import { type Failure, tooFew } from "./too-few.ts";

const objectsAtOnce = 500;
/** Each holds one object in memory. */
const repairsInFlight = 2;

/** Throws REPLICAS_TOO_FEW, or VOLUME_FULL, for the first that cannot have them. */
export async function requireCopies(engine: Engine, objects: Iterable<ObjectId>, durability: Durability, signal: AbortSignal): Promise<void> {
  const ids = [...objects];
  const worth = await copiesByVolume(engine);
  for (let at = 0; at < ids.length; at += objectsAtOnce) await requirePage(engine, ids.slice(at, at + objectsAtOnce), durability, worth, signal);
}

async function requirePage(
  engine: Engine,
  ids: readonly ObjectId[],
  { replicas, replicasMin }: Durability,
  worth: ReadonlyMap<VolumeName, number>,
  signal: AbortSignal,
): Promise<void> {
  const rows = await engine.catalog.objects(ids);
  const modest = rows.filter(({ replicasWanted }) => replicasWanted < replicas);
  if (modest.length > 0) await engine.catalog.wantReplicas(modest.map(({ id }) => id), replicas); // biome-ignore format: one line
  const found = Map.groupBy(await engine.catalog.replicas(ids), ({ object }) => object);
  const copiesMin = Math.min(replicas, replicasMin);
  const thin = rows.filter(({ id }) => copiesIn(found.get(id), worth) < copiesMin);
  await eachLimited(thin, repairsInFlight, async (row) => {
    const failures = await repaired(engine, { ...row, replicasWanted: Math.max(row.replicasWanted, replicas) }, signal);
    const copies = copiesIn(await engine.catalog.replicas([row.id]), worth);
    if (copies < copiesMin) throw tooFew(objectKey(row), copies, copiesMin, failures);
  });
}

function copiesIn(replicas: readonly ReplicaRow[] = [], worth: ReadonlyMap<VolumeName, number>): number {
  const good = replicas.flatMap(({ state, volume }) => (state === "good" ? [volume] : []));
  return sumOfCopies(good, worth);
}

/** Answers with why it may not have succeeded. */
async function repaired(engine: Engine, object: ObjectRow, signal: AbortSignal): Promise<Failure[]> {
  try {
    const { failures } = await repairObject(engine, object, signal);
    return failures.map((error) => ({ volume: undefined, error }));
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return [{ volume: undefined, error }];
  }
}
