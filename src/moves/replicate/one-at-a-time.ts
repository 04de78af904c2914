/** One change of an object's replicas at a time in this process. In several they get in each other's way and do no harm. */
import type { Catalog, ObjectId } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";

/** By catalog: two stores may be open in one process. */
const underWay = new WeakMap<Catalog, Map<ObjectId, Promise<unknown>>>();

export async function afterOthers<T>(engine: Pick<Engine, "catalog">, object: ObjectId, work: () => Promise<T>): Promise<T> {
  const running = underWay.get(engine.catalog) ?? new Map<ObjectId, Promise<unknown>>();
  underWay.set(engine.catalog, running);
  for (let other = running.get(object); other; other = running.get(object)) await other.catch(() => undefined);
  const mine = work();
  running.set(object, mine);
  try {
    return await mine;
  } finally {
    running.delete(object);
  }
}
