/** Those who race. Each is a generator that stands still after every call, for as long as the schedule likes. */
import { isFault } from "../../../src/core/errors.ts";
import type { Catalog, IntentId, NewChunk, ObjectId } from "../../../src/places/catalog/index.ts";
import { objectKey } from "../../../src/places/volumes/index.ts";
import { chunk, deltaOf, digest, domain, hash, model, ref, type SteeredWorld, versionId, versionRow, volume } from "../bench.ts";
import { baseOf, type Reference } from "./reference.ts";

export interface Stage {
  readonly world: SteeredWorld;
  readonly reference: Reference;
}

export type Actor = AsyncGenerator<void, void>;

export interface PushJob {
  readonly name: string;
  readonly contents: readonly string[];
  readonly ref: string;
  readonly withParent: boolean;
}

const leaseMs = 1000;
const v1 = volume("v1");

/** A push as the flow does it. One that is fenced, or comes too late for its ref, has done nothing. */
export async function* push(stage: Stage, catalog: Catalog, job: PushJob): Actor {
  const intent = await catalog.openIntent(job.name, leaseMs);
  stage.reference.opened(intent, stage.world.wall + leaseMs);
  try {
    yield;
    yield* pushUnder(stage, catalog, job, intent);
  } catch (error) {
    if (!isFault(error, "INTENT_FENCED", "REF_CONFLICT")) throw error;
  }
  await catalog.closeIntent(intent);
  stage.reference.closed(intent);
}

async function* pushUnder(stage: Stage, catalog: Catalog, job: PushJob, intent: IntentId): Actor {
  const { reference, world } = stage;
  const expected = reference.refs.get(job.ref);
  const stored = await findStored(catalog, job.contents);
  yield;
  const wanted = [...new Set(stored.flatMap(({ holders }) => holders))];
  const refusedPins = new Set(await catalog.pinObjects(intent, wanted));
  const held = wanted.filter((object) => !refusedPins.has(object));
  await reference.pinned(catalog, intent, held);
  yield;
  const missing = job.contents.filter((_, n) => !stored[n]?.whole || stored[n].holders.some((object) => refusedPins.has(object)));
  const fresh: ObjectId[] =
    missing.length > 0
      ? yield* store(
          stage,
          catalog,
          intent,
          "shard",
          missing.map((name) => encode(name, job.contents, missing)),
        )
      : [];
  const manifest: ObjectId[] = yield* store(stage, catalog, intent, "manifest", [], job.name);
  await catalog.transaction(async (tx) => {
    await tx.renewIntent(intent, leaseMs);
    const parent = job.withParent ? expected : undefined;
    await tx.addVersion(versionRow(job.name, manifest[0] as ObjectId, parent === undefined ? {} : { parent }), [...held, ...fresh]);
    const before = expected === undefined ? undefined : versionId(expected);
    await tx.move({ model, ref: ref(job.ref), expected: before, to: versionId(job.name), opId: job.name });
  });
  reference.renewed(intent, world.wall + leaseMs);
  reference.versions.set(job.name, { contents: job.contents, parent: job.withParent ? expected : undefined });
  reference.refs.set(job.ref, job.name);
  yield;
}

interface Stored {
  readonly holders: readonly ObjectId[];
  readonly whole: boolean;
}

/** For each content, the objects of the chunk and of the bases under it. */
async function findStored(catalog: Catalog, contents: readonly string[]): Promise<Stored[]> {
  const found: Stored[] = [];
  for (const name of contents) {
    const holders: ObjectId[] = [];
    let next: Uint8Array | undefined = hash(name);
    while (next) {
      const [place] = await catalog.places(domain, next);
      if (!place) break;
      holders.push(place.object);
      next = place.base;
    }
    found.push({ holders, whole: next === undefined });
  }
  return found;
}

/** A delta where the base is in the push too, and held; otherwise by itself. */
function encode(name: string, contents: readonly string[], missing: readonly string[]): NewChunk {
  const base = baseOf[name];
  return base !== undefined && contents.includes(base) && !missing.includes(base) ? deltaOf(name, base) : chunk(name);
}

/** Reserve, write, publish, with a stop after each. The digest is that of the contents, so equal ones meet under one name. */
async function* store(
  stage: Stage,
  catalog: Catalog,
  intent: IntentId,
  kind: "shard" | "manifest",
  chunks: readonly NewChunk[],
  name = "",
): AsyncGenerator<void, ObjectId[]> {
  const what = digest([kind, name, ...chunks.map((one) => Buffer.from(one.digest).toString("hex")).sort()].join());
  const row = await catalog.reserve(intent, { kind, domain, digest: what, bytes: 1, replicasWanted: 1, volumes: [v1] });
  yield;
  stage.reference.volume.add(objectKey(row));
  await stage.reference.pinned(catalog, intent, [row.id]);
  yield;
  const holders = await catalog.publish(intent, row.id, [v1], chunks);
  await stage.reference.pinned(catalog, intent, holders);
  yield;
  return kind === "manifest" ? [row.id] : [...holders];
}

/** A collector, which may sleep between what it was given and what it removes, and may have come for one half of the work only. */
export async function* collect(stage: Stage, catalog: Catalog, half: "condemn" | "claim" | "both" = "both"): Actor {
  if (half !== "claim") await catalog.condemn();
  if (half !== "both") yield;
  if (half === "condemn") return;
  const rows = await catalog.claim(0, 3);
  yield;
  for (const row of rows) {
    stage.reference.volume.delete(objectKey(row));
    yield;
    await catalog.forget(row.id, row.generation);
    yield;
  }
}

export async function* removeRef(stage: Stage, catalog: Catalog, name: string, opId: string): Actor {
  const expected = stage.reference.refs.get(name);
  if (expected === undefined) return;
  yield;
  try {
    await catalog.move({ model, ref: ref(name), expected: versionId(expected), to: undefined, opId });
    stage.reference.refs.delete(name);
  } catch (error) {
    if (!isFault(error, "REF_CONFLICT")) throw error;
  }
}
