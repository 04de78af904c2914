/**
 * A volume that replicates by itself says that an object is durable when the first copy is; the others follow, in moments or, where a node of it
 * is gone, when it has found another one. Whoever wants to see them all first waits for them here.
 */
import { fault, type HoldfastError } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectKey } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { copiesByVolume, sumOfCopies } from "../volume-facts.ts";
import type { Durability } from "./store-object.ts";

export interface Kept {
  readonly key: ObjectKey;
  readonly on: readonly VolumeName[];
}

const pauseMs = 500;
const keysAtOnce = 200;

/**
 * Waits until every object has all the copies that its volumes promise, or `waitMs` are over. Returns the objects that still lack some, and
 * throws REPLICAS_TOO_FEW where one has fewer than `replicasMin` then.
 */
export async function awaitCopies(engine: Engine, objects: readonly Kept[], waitMs: number, durability: Durability, signal: AbortSignal): Promise<number> {
  const worth = await copiesByVolume(engine);
  const until = engine.world.ticks() + waitMs;
  let lacking = objects.filter(({ on }) => on.some((name) => (worth.get(name) ?? 1) > 1));
  for (;;) {
    const counted = await countCopies(engine, lacking, worth, signal);
    lacking = lacking.filter(({ key, on }) => (counted.get(key) ?? 0) < sumOfCopies(on, worth));
    if (lacking.length === 0) return 0;
    if (engine.world.ticks() >= until) return refuseTooFew(lacking, counted, durability);
    await engine.world.sleep(pauseMs, signal);
  }
}

/** By object, all copies that there are now. A replica on a volume that does not count is one. */
async function countCopies(
  engine: Engine,
  objects: readonly Kept[],
  worth: ReadonlyMap<VolumeName, number>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ObjectKey, number>> {
  const counted = new Map<ObjectKey, number>();
  const add = (key: ObjectKey, copies: number): void => void counted.set(key, (counted.get(key) ?? 0) + copies);
  for (const [name, promised] of worth) {
    const keys = objects.filter(({ on }) => on.includes(name)).map(({ key }) => key);
    const volume = keys.length > 0 && promised > 1 ? await engine.volumes.get(name) : undefined;
    if (!volume) for (const key of keys) add(key, 1);
    else
      for (let at = 0; at < keys.length; at += keysAtOnce)
        for await (const { key, copies = promised } of volume.stat(keys.slice(at, at + keysAtOnce), signal)) add(key, Math.min(copies, promised));
  }
  return counted;
}

function refuseTooFew(lacking: readonly Kept[], counted: ReadonlyMap<ObjectKey, number>, { replicas, replicasMin }: Durability): number {
  const enough = Math.min(replicas, replicasMin);
  const worst = lacking.find(({ key }) => (counted.get(key) ?? 0) < enough);
  if (worst) throw tooFew(worst, counted.get(worst.key) ?? 0, enough);
  return lacking.length;
}

function tooFew({ key, on }: Kept, copies: number, wanted: number): HoldfastError {
  return fault("REPLICAS_TOO_FEW", `${key} on ${on.join(", ")} has ${copies} copies instead of ${wanted} so far`, {
    advice: "Bring nodes of the volume back and push again: what is there is not sent twice. Or wait longer, or ask for fewer with --min-replicas.",
  });
}
