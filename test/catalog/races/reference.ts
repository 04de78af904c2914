/** What must hold, kept apart from the catalog: what was acknowledged, what is pinned, and which bytes are on the one volume. */
import assert from "node:assert/strict";
import type { Catalog, IntentId, ObjectId, ObjectRow } from "../../../src/places/catalog/index.ts";
import { objectKey } from "../../../src/places/volumes/index.ts";
import { domain, hash, model, versionId } from "../bench.ts";

interface Acknowledged {
  readonly contents: readonly string[];
  readonly parent: string | undefined;
}

export class Reference {
  /** Keys of the objects that the volume has. */
  readonly volume = new Set<string>();
  /** Ref → name of a version, as acknowledged. */
  readonly refs = new Map<string, string>();
  readonly versions = new Map<string, Acknowledged>();
  readonly #pins = new Map<IntentId, { endsAt: number; readonly keys: Set<string> }>();

  opened(intent: IntentId, endsAt: number): void {
    this.#pins.set(intent, { endsAt, keys: new Set() });
  }

  renewed(intent: IntentId, endsAt: number): void {
    const lease = this.#pins.get(intent);
    if (lease) lease.endsAt = endsAt;
  }

  closed(intent: IntentId): void {
    this.#pins.delete(intent);
  }

  async pinned(catalog: Catalog, intent: IntentId, objects: readonly ObjectId[]): Promise<void> {
    for (const row of await catalog.objects(objects)) this.#pins.get(intent)?.keys.add(objectKey(row));
  }

  /** I5: the bytes of every object that an intent holds are there. */
  checkPins(now: number): void {
    for (const { endsAt, keys } of this.#pins.values()) if (endsAt > now) for (const key of keys) assert.ok(this.volume.has(key), `I5: pinned ${key} is gone`);
  }

  /** I3 and I4: refs are as acknowledged, and all that they reach is present, in the catalog and on the volume. */
  async checkClosure(catalog: Catalog): Promise<void> {
    const refs = (await catalog.refs(model)).map((row) => [row.ref, row.version]);
    assert.deepEqual(
      refs,
      [...this.refs].sort().map(([name, version]) => [name, versionId(version)]),
    );
    for (const name of this.reached()) await this.#checkVersion(catalog, name);
  }

  /** Names of the versions that the refs reach. */
  reached(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const name of this.refs.values()) for (let at: string | undefined = name; at !== undefined; at = this.versions.get(at)?.parent) names.add(at);
    return names;
  }

  async #checkVersion(catalog: Catalog, name: string): Promise<void> {
    const needs = await catalog.needs(model, versionId(name));
    const rows = await catalog.objects(needs);
    assert.equal(rows.length, needs.length, `I4: ${name} needs objects that the catalog has forgotten`);
    for (const row of rows) this.#checkReadable(row, name);
    for (const content of this.versions.get(name)?.contents ?? []) await this.#checkChunk(catalog, content, new Set(needs), name);
  }

  /** The chunk, and every base under it, is in an object that the version needs. */
  async #checkChunk(catalog: Catalog, content: string, needs: ReadonlySet<ObjectId>, name: string): Promise<void> {
    for (let digest: Uint8Array | undefined = hash(content); digest; ) {
      const [place] = await catalog.places(domain, digest);
      assert.ok(place, `I4: chunk ${content} of ${name} is not in the index`);
      assert.ok(needs.has(place.object), `I4: chunk ${content} is in an object that ${name} does not keep`);
      digest = place.base;
    }
  }

  #checkReadable(row: ObjectRow, name: string): void {
    assert.equal(row.state, "present", `I4: ${name} needs object ${row.id}`);
    assert.ok(this.volume.has(objectKey(row)), `I4: ${name} needs ${objectKey(row)}, whose bytes are gone`);
  }
}

export const contents = ["a", "b", "c", "a'", "a''"] as const;
/** What a content may be stored as a delta against. */
export const baseOf: Readonly<Record<string, string>> = { "a'": "a", "a''": "a'" };
export const refNames = ["main", "prod"] as const;
