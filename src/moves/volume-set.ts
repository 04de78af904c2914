/** The volumes of a store, opened on first use. One that cannot be opened stays known, with the reason, and is asked again later. */

import { fault, isFault } from "../core/errors.ts";
import type { VolumeName } from "../core/names.ts";
import type { World } from "../core/world/index.ts";
import type { VolumeRow } from "../places/catalog/index.ts";
import { HedgeBudget, insisting, type Volume, VolumeHealth } from "../places/volumes/index.ts";

/** Notes what the volume does in its health. */
type Opener = (row: VolumeRow, health: VolumeHealth) => Promise<Volume>;

/** A volume that could not be opened is not asked again for this long: a load has many objects on it. */
const retryAfterMs = 5000;

/** Volumes that one way of opening gave, and how it ended where it gave none. */
class Opened implements AsyncDisposable {
  readonly #open: (row: VolumeRow) => Promise<Volume>;
  readonly #world: World;
  readonly #volumes = new Map<VolumeName, Promise<Volume>>();
  readonly #refusals = new Map<VolumeName, { readonly error: unknown; readonly until: number }>();

  constructor(open: (row: VolumeRow) => Promise<Volume>, world: World) {
    this.#open = open;
    this.#world = world;
  }

  async get(row: VolumeRow): Promise<Volume> {
    const { name } = row;
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

  /** Whatever could not be opened is tried again when it is next asked for. */
  forgive(): void {
    this.#refusals.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = await Promise.allSettled(this.#volumes.values());
    this.#volumes.clear();
    for (const volume of open) if (volume.status === "fulfilled") await volume.value[Symbol.asyncDispose]();
  }
}

export class VolumeSet implements AsyncDisposable {
  /** Of all reads from these volumes together. */
  readonly hedgeBudget = new HedgeBudget();
  readonly #world: World;
  readonly #openAsFound: Opener;
  readonly #health = new Map<VolumeName, VolumeHealth>();
  readonly #ours: Opened;
  readonly #found: Opened;
  #rows = new Map<VolumeName, VolumeRow>();

  /** `openAsFound` opens without asking whose the volume is, for those who read what names itself, and those who mend an identity. */
  constructor(rows: readonly VolumeRow[], world: World, open: Opener, openAsFound: Opener = open) {
    this.#world = world;
    this.#openAsFound = openAsFound;
    this.#ours = new Opened((row) => open(row, this.health(row.name)), world);
    this.#found = new Opened((row) => openAsFound(row, this.health(row.name)), world);
    this.setRows(rows);
  }

  setRows(rows: readonly VolumeRow[]): void {
    this.#ours.forgive();
    this.#found.forgive();
    this.#rows = new Map(rows.map((row) => [row.name, row]));
  }

  /** What using the volume has shown of it since this set was made. */
  health(name: VolumeName): VolumeHealth {
    const known = this.#health.get(name);
    if (known) return known;
    const health = new VolumeHealth(this.#world);
    this.#health.set(name, health);
    return health;
  }

  get rows(): readonly VolumeRow[] {
    return [...this.#rows.values()];
  }

  /** Throws VOLUME_MISSING, or why the volume cannot be used now. */
  async get(name: VolumeName): Promise<Volume> {
    return this.#ours.get(this.#rowOf(name));
  }

  /**
   * For reads of what is verified against a digest: also gives a volume whose identity is damaged, which is no reason to lose
   * what else lies there. Throws like `get` for one that is gone or another's.
   */
  async forReading(name: VolumeName): Promise<Volume> {
    try {
      return await this.get(name);
    } catch (error) {
      if (!isFault(error, "OBJECT_CORRUPT")) throw error;
      return this.#found.get(this.#rowOf(name));
    }
  }

  /** What lies where the volume should be, whoever's it is. The caller disposes of it. Throws VOLUME_MISSING, or why nothing can be opened there. */
  async asFound(name: VolumeName): Promise<Volume> {
    return insisting(await this.#openAsFound(this.#rowOf(name), this.health(name)));
  }

  /** For those who find out how things are: asks also while the volume is left alone. Throws like `get`. */
  async insisting(name: VolumeName): Promise<Volume> {
    return insisting(await this.get(name));
  }

  #rowOf(name: VolumeName): VolumeRow {
    const row = this.#rows.get(name);
    if (!row) throw fault("VOLUME_MISSING", `no volume is named ${name}`);
    return row;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    stack.use(this.#ours);
    stack.use(this.#found);
  }
}
