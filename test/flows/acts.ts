/** What the tests of the upkeep flows do over and over, on a stand. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { readShard } from "../../src/bytes/shards/index.ts";
import { isFault } from "../../src/core/errors.ts";
import { type ModelName, parseModelName, type RefName, type VolumeName } from "../../src/core/names.ts";
import { type CollectRequest, collect } from "../../src/flows/collect.ts";
import { doctor } from "../../src/flows/doctor.ts";
import { repair } from "../../src/flows/repair.ts";
import { scrub } from "../../src/flows/scrub.ts";
import type { ObjectRow } from "../../src/places/catalog/index.ts";
import { objectKey } from "../../src/places/volumes/index.ts";
import { type Files, flipBit, never, quiet, type Stand, weights } from "./stand.ts";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const model: Files = { "model.safetensors": weights(6, 1024, 1), "config.json": text('{"a": 1}'), "notes/readme.md": text("hello ".repeat(500)) };
export const name = parseModelName("ns/model");
const main = "main" as RefName;
export const volume = (text: string): VolumeName => text as VolumeName;

export const look = (stand: Stand, repairing = false) => scrub(stand.engine, { repair: repairing }, quiet, never);
export const examine = (stand: Stand, engine = stand.engine) => doctor(engine, { repair: false }, quiet, never);
export const gc = (stand: Stand, more: Partial<CollectRequest> = {}) =>
  collect(stand.engine, { holdMs: 0, approve: true, dryRun: false, ...more }, quiet, never);
export const mend = (stand: Stand) => repair(stand.engine, { replicas: 2, replicasMin: 2 }, quiet, never);

export async function expectWell(stand: Stand): Promise<void> {
  const { damaged, missing, unreachable, stray, problems } = await look(stand);
  assert.deepEqual({ damaged, missing, unreachable, stray }, { damaged: 0, missing: 0, unreachable: 0, stray: 0 }, problems.join("\n"));
  const { clean, findings } = await examine(stand);
  assert.ok(clean, JSON.stringify(findings, undefined, 1));
}

export async function objectsOf(stand: Stand, kind: ObjectRow["kind"]): Promise<ObjectRow[]> {
  return (await stand.engine.catalog.objectsAfter(undefined, ["present"], 1000)).filter((object) => object.kind === kind);
}

export async function placesOf(stand: Stand, object: ObjectRow): Promise<string[]> {
  const replicas = await stand.engine.catalog.replicas([object.id]);
  return replicas.map((replica) => `${stand.root(replica.volume)}/${objectKey(object)}`);
}

/** Flips a bit in the stored bytes of one frame. */
export async function hurtFrame(path: string, frame: number): Promise<void> {
  const found = readShard(await readFile(path)).frames[frame];
  assert.ok(found);
  await flipBit(path, (found.offset + 96 + (found.storedBytes >> 1)) * 8 + 3);
}

export const refused = (code: Parameters<typeof isFault>[1]) => (error: unknown) => {
  assert.ok(isFault(error, code as never), `${code} was expected, and this came: ${String(error)}`);
  return true;
};

export async function removeRef(stand: Stand, of: ModelName = name): Promise<void> {
  const expected = await stand.engine.catalog.ref(of, main);
  await stand.engine.catalog.move({ model: of, ref: main, expected, to: undefined, opId: stand.world.id() });
}

export const second: Files = { ...model, "model.safetensors": weights(6, 1024, 2) };
