/** The volumes of a store, opened on first use. One that cannot be opened stays known, with the reason, and is asked again later. */

import { fault } from "../core/errors.ts";
import type { VolumeName } from "../core/names.ts";
import type { World } from "../core/world/index.ts";
import type { VolumeRow } from "../places/catalog/index.ts";
import type { Volume } from "../places/volumes/index.ts";

type Opener = (row: VolumeRow) => Promise<Volume>;

/** A volume that could not be opened is not asked again for this long: a load has many objects on it. */
const retryAfterMs = 5000;

export class VolumeSet implements AsyncDisposable {
  readonly #open: Opener;
  readonly #openAsFound: Opener;
  #rows = new Map<VolumeName, VolumeRow>();
  readonly #volumes = new Map<VolumeName, Promise<Volume>>();

  readonly #world: World;
  readonly #refusals = new Map<VolumeName, { readonly error: unknown; readonly until: number }>();

  /** `openAsFound` opens without asking whose the volume is, for those who mend its identity. */
  constructor(rows: readonly VolumeRow[], world: World, open: Opener, openAsFound: Opener = open) {
    this.#world = world;
    this.#open = open;
    this.#openAsFound = openAsFound;
    this.setRows(rows);
  }

  setRows(rows: readonly VolumeRow[]): void {
    this.#refusals.clear();
    this.#rows = new Map(rows.map((row) => [row.name, row]));
  }

  get rows(): readonly VolumeRow[] {
    return [...this.#rows.values()];
  }

  /** Throws VOLUME_MISSING, or why the volume cannot be used now. */
  async get(name: VolumeName): Promise<Volume> {
    const row = this.#rows.get(name);
    if (!row) throw fault("VOLUME_MISSING", `no volume is named ${name}`);
    const known = this.#volumes.get(name);
    if (known) return known;
    const refusal = this.#refusals.get(name);
    if (refusal && this.#world.ticks() < refusal.until) throw refusal.error;
    const opening = this.#open(row);
    this.#volumes.set(name, opening);
    opening.catch((error: unknown) => {
      this.#volumes.delete(name);
      this.#refusals.set(name, { error, until: this.#world.ticks() + retryAfterMs });
    });
    return opening;
  }

  /** What lies where the volume should be, whoever's it is. The caller disposes of it. Throws VOLUME_MISSING, or why nothing can be opened there. */
  async asFound(name: VolumeName): Promise<Volume> {
    const row = this.#rows.get(name);
    if (!row) throw fault("VOLUME_MISSING", `no volume is named ${name}`);
    return this.#openAsFound(row);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = await Promise.allSettled(this.#volumes.values());
    this.#volumes.clear();
    for (const volume of open) if (volume.status === "fulfilled") await volume.value[Symbol.asyncDispose]();
  }
}
