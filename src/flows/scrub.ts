/**
 * Every byte of every replica on every volume, read and checked against the name of its object: shards with all their padding,
 * manifests, lines of the ref log, and the identities of the volumes. Damage is told to the ledger; with `repair` it is mended at once.
 */
import { isFault } from "../core/errors.ts";
import type { Engine } from "../moves/engine.ts";
import { type RepairedObject, repairObject } from "../moves/replicate/index.ts";
import { type Damage, eachLimited } from "../moves/transfer/index.ts";
import { mendIdentity, requireOurs, scrubVolume, surveyVolume } from "../moves/upkeep/index.ts";
import type { ObjectRow, VolumeRow } from "../places/catalog/index.ts";
import type { Progress } from "./progress.ts";

export interface ScrubReport {
  /** Replicas read whole, and identities. */
  readonly checked: number;
  /** Replicas and identities whose bytes are wrong. Several flipped bits in one replica count once. */
  readonly damaged: number;
  /** Replicas that the ledger has and the volume has not. */
  readonly missing: number;
  /** Replicas written anew, and identities. */
  readonly repaired: number;
  /** Replicas that could not be read, or judged, since their volume does not answer or is not ours. */
  readonly unreachable: number;
  /** Objects that lie on a volume where no ledger knows them. They stay. */
  readonly stray: number;
  /** Of the replicas read. */
  readonly bytes: number;
  readonly seconds: number;
  /** What was found and not mended, in words, for the first of them. */
  readonly problems: readonly string[];
}

export interface ScrubRequest {
  readonly repair: boolean;
}

/** Each volume holds one object in memory at a time, and so does each repair. */
const volumesInFlight = 3;
const problemsMax = 20;

export async function scrub(engine: Engine, request: ScrubRequest, progress: Progress, signal: AbortSignal): Promise<ScrubReport> {
  const work = new Scrub(engine, request, progress, signal);
  const startedMs = engine.world.ticks();
  const rows = await engine.catalog.volumes();
  engine.volumes.setRows(rows);
  await eachLimited(rows, volumesInFlight, (row) => work.identity(row));
  await eachLimited(rows, volumesInFlight, (row) => work.volume(row));
  return work.report((engine.world.ticks() - startedMs) / 1000);
}

class Scrub {
  readonly #engine: Engine;
  readonly #request: ScrubRequest;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  /** By object and volume: a repair may find what the scrub of another volume finds as well. */
  readonly #damaged = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #repaired = new Set<string>();
  readonly #problems: string[] = [];
  #checked = 0;
  #unreachable = 0;
  #stray = 0;
  #bytes = 0;

  constructor(engine: Engine, request: ScrubRequest, progress: Progress, signal: AbortSignal) {
    this.#engine = engine;
    this.#request = request;
    this.#progress = progress;
    this.#signal = signal;
  }

  report(seconds: number): ScrubReport {
    const [damaged, missing, repaired] = [this.#damaged.size, this.#missing.size, this.#repaired.size];
    const [checked, unreachable, stray, bytes] = [this.#checked, this.#unreachable, this.#stray, this.#bytes];
    return { checked, damaged, missing, repaired, unreachable, stray, bytes, seconds, problems: this.#problems };
  }

  async volume(row: VolumeRow): Promise<void> {
    for await (const { object, state, damage } of scrubVolume(this.#engine, row, this.#signal)) {
      if (state === "unreachable") this.#unreachable++;
      else this.#read(object);
      if (damage) await this.#found(object, damage);
    }
    await this.#strays(row);
  }

  #read(object: ObjectRow): void {
    this.#checked++;
    this.#bytes += object.bytes;
    this.#progress({ step: "scrubbing", bytes: this.#bytes, total: 0 });
  }

  /** Of all volumes before anything is mended: to a volume whose identity is damaged nothing can be written. */
  async identity(row: VolumeRow): Promise<void> {
    this.#checked++;
    try {
      await requireOurs(this.#engine, row, this.#signal);
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      if (isFault(error, "OBJECT_CORRUPT")) this.#damaged.add(`identity@${row.name}`);
      if (this.#request.repair && isFault(error, "OBJECT_CORRUPT", "VOLUME_IDENTITY_MISSING")) await this.#mend(row);
      else this.#say(error);
    }
  }

  async #mend(row: VolumeRow): Promise<void> {
    try {
      await mendIdentity(this.#engine, row, this.#signal);
      this.#repaired.add(`identity@${row.name}`);
    } catch (error) {
      this.#forgive(error);
    }
  }

  async #found(object: ObjectRow, damage: Damage): Promise<void> {
    this.#note([damage]);
    if (!this.#request.repair) return this.#say(damage.error);
    try {
      const repaired = await repairObject(this.#engine, object, this.#signal);
      this.#noteRepair(object, repaired);
    } catch (error) {
      this.#forgive(error);
    }
  }

  #noteRepair(object: ObjectRow, { written, damage, failures }: RepairedObject): void {
    this.#note(damage);
    for (const volume of written) this.#repaired.add(`${object.id}@${volume}`);
    for (const error of failures) this.#say(error);
  }

  #note(damages: readonly Damage[]): void {
    for (const { object, volume, error } of damages) (isFault(error, "OBJECT_MISSING") ? this.#missing : this.#damaged).add(`${object}@${volume}`);
  }

  async #strays(row: VolumeRow): Promise<void> {
    try {
      const { strays } = await surveyVolume(this.#engine, row.name, this.#signal);
      this.#stray += strays.objects;
    } catch (error) {
      this.#forgive(error);
    }
  }

  /** One object or volume that cannot be dealt with now does not keep the others from it. */
  #forgive(error: unknown): void {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    this.#say(error);
  }

  #say(error: Error): void {
    if (this.#problems.length < problemsMax) this.#problems.push(error.message);
  }
}
