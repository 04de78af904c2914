/** What a case of the catalog's contract works with: one fresh place, a clock that it moves, and short words for rows. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Digest } from "../../src/core/digest.ts";
import { type ErrorCode, isFault } from "../../src/core/errors.ts";
import type { DomainName, ModelName, RefName, VersionId, VolumeName } from "../../src/core/names.ts";
import { realWorld, type World } from "../../src/core/world/index.ts";
import type { Catalog, ChunkPlace, IntentId, NewChunk, ObjectId, ObjectRow, RefLogEntry, Roles } from "../../src/places/catalog/index.ts";
import type { ObjectKind } from "../../src/places/volumes/index.ts";

/** Where a driver keeps one catalog, which may be opened several times at once, also by other processes. */
export interface CatalogPlace extends AsyncDisposable {
  /** For `openCatalog`. */
  readonly url: string;
  /** Random schedules to go through, where each step costs more than a call. Default: 60. */
  readonly schedules?: number;
  open(world: World): Promise<Catalog>;
}

export type Cases = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

export const model = "ns/model" as ModelName;
export const otherModel = "ns/other" as ModelName;
export const domain = "ns" as DomainName;
export const main = "main" as RefName;
export const hour = 3600e3;

export const hash = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());
export const digest = (text: string): Digest => Buffer.from(hash(text)).toString("hex") as Digest;
export const versionId = (name: string | number): VersionId => digest(`version ${name}`).slice(0, 40) as VersionId;
export const volume = (name: string): VolumeName => name as VolumeName;
export const ref = (name: string): RefName => name as RefName;
export const packed = (...names: string[]): Uint8Array => new Uint8Array(Buffer.concat(names.map(hash)));

export function chunk(name: string, more: Partial<NewChunk> = {}): NewChunk {
  return { digest: hash(name), offset: 64, storedBytes: 700, rawBytes: 1000, encoding: 2, crc32c: 0xdeadbeef, base: undefined, depth: 0, ...more };
}

export const deltaOf = (name: string, base: string, depth = 1): NewChunk => chunk(name, { base: hash(base), depth });

/** The promise is refused with one of the codes. */
export async function refused(code: ErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isFault(error, code), `${code} was expected, and this came: ${String(error)}`);
    return true;
  });
}

/** The real world with a wall clock that stands still until it is moved. */
export class SteeredWorld implements World {
  wall = 1_700_000_000_000;
  readonly ticks = realWorld.ticks;
  readonly random = realWorld.random;
  readonly id = realWorld.id;
  readonly sleep = realWorld.sleep;
  readonly now = () => this.wall;
}

interface StoreOptions {
  readonly kind?: ObjectKind;
  readonly domain?: DomainName;
  readonly bytes?: number;
  readonly wanted?: number;
  readonly on?: readonly string[];
}

export class Bench implements AsyncDisposable {
  readonly place: CatalogPlace;
  readonly catalog: Catalog;
  readonly world: SteeredWorld;
  /** Makes another, empty place. */
  readonly twin: () => Promise<CatalogPlace>;
  readonly #opened: Catalog[];
  #serial = 0;

  private constructor(place: CatalogPlace, catalog: Catalog, world: SteeredWorld, twin: () => Promise<CatalogPlace>) {
    this.twin = twin;
    this.place = place;
    this.catalog = catalog;
    this.world = world;
    this.#opened = [catalog];
  }

  /** With three volumes: v1, v2, v3. */
  static async make(makePlace: () => Promise<CatalogPlace>): Promise<Bench> {
    const place = await makePlace();
    const world = new SteeredWorld();
    const bench = new Bench(place, await place.open(world), world, makePlace);
    await bench.catalog.transaction(async (tx) => {
      for (const name of ["v1", "v2", "v3"]) await bench.addVolume(name, {}, tx);
    });
    return bench;
  }

  /** Another catalog on the same place, with the same clock. */
  async open(): Promise<Catalog> {
    const catalog = await this.place.open(this.world);
    this.#opened.push(catalog);
    return catalog;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const catalog of this.#opened) await catalog[Symbol.asyncDispose]();
    await this.place[Symbol.asyncDispose]();
  }

  serial(word: string): string {
    return `${word} ${++this.#serial}`;
  }

  async addVolume(name: string, more: object = {}, roles: Roles = this.catalog): Promise<void> {
    const row = { name: volume(name), url: `/disks/${name}`, id: digest(name).slice(0, 32), failureDomain: name, weight: 1, state: "active" as const };
    await roles.setVolume({ ...row, ...more });
  }

  intent(leaseMs = hour, roles: Roles = this.catalog): Promise<IntentId> {
    return roles.openIntent(this.serial("op"), leaseMs);
  }

  reserve(intent: IntentId, options: StoreOptions = {}, roles: Roles = this.catalog): Promise<ObjectRow> {
    const { kind = "shard", bytes = 5000, on = ["v1", "v2"], wanted: replicasWanted = 2 } = options;
    const volumes = on.map(volume);
    return roles.reserve(intent, { kind, domain: options.domain ?? domain, digest: digest(this.serial("object")), bytes, replicasWanted, volumes });
  }

  /** Reserves and publishes. */
  async store(intent: IntentId, chunks: readonly NewChunk[] = [], options: StoreOptions = {}, roles: Roles = this.catalog): Promise<ObjectId> {
    const { id } = await this.reserve(intent, options, roles);
    await roles.publish(intent, id, (options.on ?? ["v1", "v2"]).map(volume), chunks);
    return id;
  }

  /** Adds a version with a manifest of its own. Returns the manifest. */
  async addVersion(
    name: string | number,
    needs: readonly ObjectId[] = [],
    options: { parent?: string | number; inModel?: ModelName } = {},
    roles: Roles = this.catalog,
  ) {
    const intent = await this.intent(hour, roles);
    const manifest = await this.store(intent, [], { kind: "manifest", bytes: 100 }, roles);
    await roles.addVersion(versionRow(name, manifest, options), needs);
    await roles.closeIntent(intent);
    return manifest;
  }

  move(
    to: string | number | undefined,
    expected?: string | number,
    more: { inModel?: ModelName; ref?: string; opId?: string } = {},
    roles: Roles = this.catalog,
  ) {
    return roles.move({
      ...{ model: more.inModel ?? model, ref: ref(more.ref ?? "main"), opId: more.opId ?? this.serial("move") },
      ...{ to: to === undefined ? undefined : versionId(to), expected: expected === undefined ? undefined : versionId(expected) },
    }) as Promise<RefLogEntry>;
  }

  /** Where chunks are, by name. */
  places(...names: string[]): Promise<readonly (ChunkPlace | undefined)[]> {
    return this.catalog.places(domain, packed(...names));
  }

  /** In which object each chunk is. */
  async holders(...names: string[]): Promise<(ObjectId | undefined)[]> {
    return (await this.places(...names)).map((place) => place?.object);
  }

  async state(object: ObjectId): Promise<string | undefined> {
    return (await this.catalog.objects([object]))[0]?.state;
  }

  /** An object that nothing holds, condemned. */
  async condemned(...chunks: NewChunk[]): Promise<ObjectId> {
    const intent = await this.intent();
    const object = await this.store(intent, chunks);
    await this.catalog.closeIntent(intent);
    await this.catalog.condemn();
    return object;
  }

  /** Ids of what a claim gives. */
  async claimed(holdMs = 0, limit = 100): Promise<ObjectId[]> {
    return (await this.catalog.claim(holdMs, limit)).map((row) => row.id);
  }
}

export function versionRow(name: string | number, manifest: ObjectId, options: { parent?: string | number; inModel?: ModelName } = {}) {
  const parent = options.parent === undefined ? undefined : versionId(options.parent);
  return { model: options.inModel ?? model, id: versionId(name), parent, message: `version ${name}`, files: 3, bytes: 12_345, manifest };
}
