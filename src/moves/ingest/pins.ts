/** The objects that a push stands on, kept from collection by its intent. */
import type { Catalog, IntentId, ObjectId } from "../../places/catalog/index.ts";

export class Pins {
  readonly #catalog: Catalog;
  readonly #intent: IntentId;
  readonly #held = new Set<ObjectId>();

  constructor(catalog: Catalog, intent: IntentId) {
    this.#catalog = catalog;
    this.#intent = intent;
  }

  /** Objects that the catalog has pinned for the intent already. */
  add(objects: Iterable<ObjectId>): void {
    for (const object of objects) this.#held.add(object);
  }

  /** Pins those that are not yet held. Returns the ones that could not be: they are being removed. */
  async pin(objects: Iterable<ObjectId>): Promise<ReadonlySet<ObjectId>> {
    const fresh = [...new Set(objects)].filter((object) => !this.#held.has(object));
    if (fresh.length === 0) return new Set();
    const refused = new Set(await this.#catalog.pinObjects(this.#intent, fresh));
    this.add(fresh.filter((object) => !refused.has(object)));
    return refused;
  }
}
