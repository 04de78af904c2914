/** The volumes of a store, as its user sees and changes them. */
import { fault } from "../core/errors.ts";
import { parseDomainName, parseVolumeName, type VolumeName } from "../core/names.ts";
import type { DrainReport } from "../flows/drain.ts";
import type { RebalanceReport } from "../flows/rebalance.ts";
import type { SpaceOf, VolumeReport } from "../flows/volume-report.ts";
import type { VolumeRow } from "../places/catalog/index.ts";
import { spaceOf } from "../places/volumes/index.ts";
import { claimRow, newVolumeName, refreshRows } from "./claim.ts";
import type { RebalanceOptions, TaskOptions, VolumeOptions } from "./options.ts";
import type { Running, Timed } from "./running.ts";
import type { StoreEngine } from "./store-engine.ts";
import type { Task } from "./task.ts";

/** How long a listing waits for a volume to answer. */
const reachableWithinMs = 10_000;

export interface VolumeAdded {
  readonly name: string;
  readonly url: string;
  readonly domain: string;
  readonly weight: number;
}

export interface VolumeSummary extends VolumeAdded, Omit<VolumeReport, "id" | "name" | "failureDomain"> {
  /** Whether it answers now; `problem` says why not. */
  readonly reachable: boolean;
}

export class Volumes {
  readonly #engine: StoreEngine;
  readonly #running: Running;

  constructor(engine: StoreEngine, running: Running) {
    this.#engine = engine;
    this.#running = running;
  }

  /** In the order of their names. */
  async list({ signal }: TaskOptions = {}): Promise<VolumeSummary[]> {
    const { volumeReport } = await import("../flows/volume-report.ts");
    return this.#running.do(signal, async (joined) => {
      const patience = AbortSignal.any([joined, AbortSignal.timeout(reachableWithinMs)]);
      const space: SpaceOf = (row, waiting) => spaceOf(row, this.#engine.machinery.environment, waiting);
      const reports = await volumeReport(this.#engine, space, patience);
      return reports.map(({ id: _, failureDomain: domain, ...report }) => ({ ...report, domain, reachable: report.problem === undefined }));
    });
  }

  /**
   * Takes a new or empty place into the store; the same again changes nothing. A plain path is a local volume;
   * a relative one starts from the folder of the store. Throws
   * VOLUME_FOREIGN where something else lies there, NAME_INVALID, ARGUMENT_INVALID for a name that is taken.
   */
  async add(url: string, options: VolumeOptions = {}): Promise<VolumeAdded> {
    const { name, domain, weight = 1 } = options;
    return this.#running.do(undefined, async () => {
      if (!(weight > 0)) throw fault("ARGUMENT_INVALID", `a weight of ${weight}`, { advice: "Give a number above 0." });
      const known = this.#engine.volumes.rows.find((row) => row.url === url && (name === undefined || row.name === name));
      const chosen = known?.name ?? this.#newName(name, url);
      const row: VolumeRow = {
        name: chosen,
        url,
        weight,
        id: known?.id ?? this.#engine.world.id(),
        state: known?.state ?? "active",
        failureDomain: domain === undefined ? chosen : parseDomainName(domain),
      };
      await claimRow(this.#engine, row);
      return { name: row.name, url, domain: row.failureDomain, weight };
    });
  }

  #newName(wanted: string | undefined, url: string): VolumeName {
    const taken = new Set<string>(this.#engine.volumes.rows.map((row) => row.name));
    if (wanted !== undefined) {
      if (taken.has(wanted))
        throw fault("ARGUMENT_INVALID", `a volume is named ${wanted} already`, { advice: "Give another --name; see `holdfast volumes list`." });
      return parseVolumeName(wanted);
    }
    return newVolumeName(url, taken);
  }

  /**
   * Brings what a volume holds elsewhere; nothing new goes there from now on. Also for a volume that is lost: what it had is then
   * copied from the other replicas. Throws VOLUME_MISSING.
   */
  drain(name: string, options: TaskOptions = {}): Task<Timed<DrainReport>> {
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const { drainVolume } = await import("../flows/drain.ts");
      const report = await drainVolume(this.#engine, this.#rowOf(name).name, progress, signal);
      await refreshRows(this.#engine);
      return report;
    });
  }

  /**
   * Brings replicas to volumes that hold less than their share, such as new ones: written there and read back before they are given up where
   * they were. What could not be moved now is in the report. Stopped at any point, the next one goes on.
   */
  rebalance({ bytesMax = Number.POSITIVE_INFINITY, dryRun = false, signal }: RebalanceOptions = {}): Task<Timed<RebalanceReport>> {
    return this.#running.startTimed(signal, async (progress, joined) => {
      const { rebalance } = await import("../flows/rebalance.ts");
      return rebalance(this.#engine, { bytesMax, dryRun }, progress, joined);
    });
  }

  /** Forgets a volume that holds nothing any more. Throws VOLUME_MISSING, and COLLECT_INCOMPLETE while objects are on it. */
  async remove(name: string): Promise<{ readonly name: string }> {
    return this.#running.do(undefined, async () => {
      const row = this.#rowOf(name);
      const [held] = await this.#engine.catalog.objectsOn(row.name, undefined, 1);
      if (held) throw fault("COLLECT_INCOMPLETE", `volume ${name} still holds objects`, { advice: `Empty it first: \`holdfast volumes drain ${name}\`.` });
      await this.#engine.catalog.removeVolume(row.name);
      await refreshRows(this.#engine);
      return { name };
    });
  }

  #rowOf(name: string): VolumeRow {
    const row = this.#engine.volumes.rows.find((candidate) => candidate.name === name);
    if (!row) throw fault("VOLUME_MISSING", `no volume is named ${name}`, { advice: "See them with `holdfast volumes list`." });
    return row;
  }
}
