/**
 * What a volume lists against what the ledger says of it, without reading an object. Takes a number for each object on the
 * volume, and walks both sides in an order in which a push or a collection that goes on meanwhile is not taken for a fault:
 * the list first, then the ledger, and what does not fit is looked at once more.
 */
import type { VolumeName } from "../../core/names.ts";
import type { ObjectRow, ReplicaRow } from "../../places/catalog/index.ts";
import { objectKey, parseObjectKey, type Volume } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";

export interface Tally {
  readonly objects: number;
  readonly bytes: number;
  /** The keys of the first few. */
  readonly examples: readonly string[];
}

export interface Survey {
  /** Replicas that the ledger says are good, and the volume does not list. */
  readonly missing: Tally;
  readonly wrongSize: Tally;
  /** On the volume, and no ledger knows it there. */
  readonly strays: Tally;
}

const objectsAtOnce = 500;
const examplesMax = 5;

class Count implements Tally {
  objects = 0;
  bytes = 0;
  readonly examples: string[] = [];

  add(key: string, bytes: number): void {
    this.objects++;
    this.bytes += bytes;
    if (this.examples.length < examplesMax) this.examples.push(key);
  }
}

/** Throws what the volume throws. */
export async function surveyVolume(engine: Engine, name: VolumeName, signal: AbortSignal): Promise<Survey> {
  const volume = await engine.volumes.insisting(name);
  const listed = await sizesByGeneration(volume, signal);
  const [missing, wrongSize] = [new Count(), new Count()];
  for await (const { object, state } of replicasOn(engine, name)) {
    const bytes = listed.get(object.generation);
    listed.delete(object.generation);
    if (state !== "good") continue;
    if (bytes === undefined) {
      if (await isStillMissing(engine, volume, object, signal)) missing.add(objectKey(object), object.bytes);
    } else if (bytes !== object.bytes) wrongSize.add(objectKey(object), object.bytes);
  }
  return { missing, wrongSize, strays: await straysAmong(engine, volume, listed, signal) };
}

/** A generation belongs to one object, so the number stands for it. */
async function sizesByGeneration(volume: Volume, signal: AbortSignal): Promise<Map<number, number>> {
  const sizes = new Map<number, number>();
  for await (const { key, bytes } of volume.list(undefined, signal)) {
    const parts = parseObjectKey(key);
    if (parts) sizes.set(parts.generation, bytes);
  }
  return sizes;
}

/** What the ledger has on a volume, in the order of object ids. */
export async function* replicasOn(engine: Engine, name: VolumeName): AsyncGenerator<{ readonly object: ObjectRow; readonly state: ReplicaRow["state"] }> {
  for (let page = await engine.catalog.objectsOn(name, undefined, objectsAtOnce); page.length > 0; ) {
    const replicas = await engine.catalog.replicas(page.map((object) => object.id));
    const states = new Map(replicas.flatMap((replica) => (replica.volume === name ? [[replica.object, replica.state]] : [])));
    for (const object of page) {
      const state = states.get(object.id);
      if (state !== undefined) yield { object, state };
    }
    page = await engine.catalog.objectsOn(name, page.at(-1)?.id, objectsAtOnce);
  }
}

/** Put since the list was made, or collected since the ledger was read? */
async function isStillMissing(engine: Engine, volume: Volume, object: ObjectRow, signal: AbortSignal): Promise<boolean> {
  for await (const _ of volume.stat([objectKey(object)], signal)) return false;
  const [now] = await engine.catalog.objects([object.id]);
  const replicas = await engine.catalog.replicas([object.id]);
  return now !== undefined && now.state !== "deleting" && replicas.some((replica) => replica.volume === volume.name && replica.state === "good");
}

/** An object that a push is writing may lie where its reservation did not say, when it had to take another volume. */
async function straysAmong(engine: Engine, volume: Volume, candidates: Map<number, number>, signal: AbortSignal): Promise<Tally> {
  const strays = new Count();
  if (candidates.size === 0) return strays;
  for (let page = await engine.catalog.objectsAfter(undefined, ["reserved"], objectsAtOnce); page.length > 0; ) {
    for (const { generation } of page) candidates.delete(generation);
    page = await engine.catalog.objectsAfter(page.at(-1)?.id, ["reserved"], objectsAtOnce);
  }
  for await (const { key, bytes } of volume.list(undefined, signal)) if (candidates.has(parseObjectKey(key)?.generation ?? -1)) strays.add(key, bytes);
  return strays;
}
