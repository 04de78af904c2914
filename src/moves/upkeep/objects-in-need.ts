/** Objects that do not have the copies that they want, or have a replica that is not good. */
import type { VolumeName } from "../../core/names.ts";
import type { ObjectRow, ReplicaRow } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";
import { copiesByVolume, sumOfCopies } from "../volume-facts.ts";

const objectsAtOnce = 500;

/** The catalog counts replicas; what each is worth, only its volume knows. */
export async function* objectsInNeed(engine: Engine): AsyncGenerator<ObjectRow> {
  const worth = await copiesByVolume(engine);
  for (let page = await engine.catalog.needingRepair(undefined, objectsAtOnce); page.length > 0; ) {
    const replicas = Map.groupBy(await engine.catalog.replicas(page.map(({ id }) => id)), ({ object }) => object);
    for (const object of page) if (isInNeed(object, replicas.get(object.id) ?? [], worth)) yield object;
    page = await engine.catalog.needingRepair(page.at(-1)?.id, objectsAtOnce);
  }
}

function isInNeed({ replicasWanted }: ObjectRow, replicas: readonly ReplicaRow[], worth: ReadonlyMap<VolumeName, number>): boolean {
  const good = replicas.flatMap(({ state, volume }) => (state === "good" ? [volume] : []));
  return sumOfCopies(good, worth) < replicasWanted || replicas.some(({ state }) => state === "suspect" || state === "bad");
}
