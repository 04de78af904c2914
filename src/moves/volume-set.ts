/** The volumes of a store, opened on first use. One that cannot be opened stays known, with the reason, and is asked again later. */
import type { VolumeName } from "../core/names.ts";
import { fault } from "../core/errors.ts";
import type { VolumeRow } from "../places/catalog/index.ts";
import type { Volume } from "../places/volumes/index.ts";

type Opener = (row: VolumeRow) => Promise<Volume>;

export class VolumeSet implements AsyncDisposable {
  readonly #open: Opener;
  #rows = new Map<VolumeName, VolumeRow>();
  readonly #volumes = new Map<VolumeName, Promise<Volume>>();

  constructor(rows: readonly VolumeRow[], open: Opener) {
    this.#open = open;
    this.setRows(rows);
  }

  setRows(rows: readonly VolumeRow[]): void {
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
    const opening = this.#open(row);
    this.#volumes.set(name, opening);
    opening.catch(() => this.#volumes.delete(name));
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = await Promise.allSettled(this.#volumes.values());
    this.#volumes.clear();
    for (const volume of open) if (volume.status === "fulfilled") await volume.value[Symbol.asyncDispose]();
  }
}
