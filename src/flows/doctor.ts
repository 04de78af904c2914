/**
 * Looks at everything that can be wrong with a store and changes nothing: the tables of the catalog, the volumes, what they list against the
 * ledger, every version down to its chunks, and what operations left. Reads no shards: that is a scrub.
 */
import { isFault } from "../core/errors.ts";
import type { Engine } from "../moves/engine.ts";
import { mendIdentity, objectsInNeed, problemOfVersion, requireOurs, surveyVolume, type Tally } from "../moves/upkeep/index.ts";
import type { ObjectState, VersionRow, VolumeRow } from "../places/catalog/index.ts";
import type { Progress } from "./progress.ts";

export interface Finding {
  /** `note`: left over, and nothing is lost or lacking. */
  readonly severity: "ok" | "note" | "problem";
  readonly what: string;
  readonly advice: string | undefined;
}

export interface DoctorReport {
  /** No finding is a problem. */
  readonly clean: boolean;
  readonly findings: readonly Finding[];
}

export interface DoctorRequest {
  /** Writes the identity of a volume anew where it is damaged and the objects there are ours. Nothing else is changed. */
  readonly repair: boolean;
}

export async function doctor(engine: Engine, request: DoctorRequest, progress: Progress, signal: AbortSignal): Promise<DoctorReport> {
  const visit = new Visit(engine, request, signal);
  const steps: readonly [string, () => Promise<void>][] = [
    ["checking the catalog", () => visit.catalog()],
    ["checking volumes", () => visit.volumes()],
    ["checking versions", () => visit.versions()],
    ["checking replicas", () => visit.replicas()],
    ["checking what is under way", () => visit.leftovers()],
    ["checking coordination", () => visit.coordination()],
  ];
  for (const [step, take] of steps) {
    progress({ step, bytes: 0, total: 0 });
    await take();
  }
  return { clean: visit.findings.every((finding) => finding.severity !== "problem"), findings: visit.findings };
}

class Visit {
  readonly findings: Finding[] = [];
  readonly #engine: Engine;
  readonly #request: DoctorRequest;
  readonly #signal: AbortSignal;

  constructor(engine: Engine, request: DoctorRequest, signal: AbortSignal) {
    this.#engine = engine;
    this.#request = request;
    this.#signal = signal;
  }

  #add(severity: Finding["severity"], what: string, advice?: string): void {
    this.findings.push({ severity, what, advice });
  }

  async catalog(): Promise<void> {
    const problems = await this.#engine.catalog.tableProblems();
    for (const problem of problems) this.#add("problem", `the catalog: ${problem}`, "Run `holdfast rebuild`: it makes a new catalog from the volumes.");
    if (problems.length === 0) this.#add("ok", "the tables of the catalog are whole");
  }

  async volumes(): Promise<void> {
    const rows = await this.#engine.catalog.volumes();
    this.#engine.volumes.setRows(rows);
    for (const row of rows) if (await this.#isOurs(row)) await this.#survey(row);
  }

  async #isOurs(row: VolumeRow): Promise<boolean> {
    try {
      await requireOurs(this.#engine, row, this.#signal);
      return true;
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      if (this.#request.repair && isFault(error, "OBJECT_CORRUPT", "VOLUME_IDENTITY_MISSING")) return this.#mend(row);
      this.#add("problem", error.message, error.advice ?? `Bring volume ${row.name} back, or drain it if it is lost for good.`);
      return false;
    }
  }

  async #mend(row: VolumeRow): Promise<boolean> {
    try {
      await mendIdentity(this.#engine, row, this.#signal);
      this.#add("note", `the identity of volume ${row.name} was written anew`);
      return true;
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      this.#add("problem", error.message, error.advice);
      return false;
    }
  }

  async #survey(row: VolumeRow): Promise<void> {
    const { missing, wrongSize, strays } = await surveyVolume(this.#engine, row.name, this.#signal);
    const mend = "Run `holdfast scrub --repair`.";
    if (missing.objects > 0) this.#add("problem", `${counted(missing)} are missing on volume ${row.name}`, mend);
    if (wrongSize.objects > 0) this.#add("problem", `${counted(wrongSize)} have the wrong size on volume ${row.name}`, mend);
    if (strays.objects > 0)
      this.#add("note", `${counted(strays)} lie on volume ${row.name} and the catalog does not know them there`, "They do no harm and are left alone.");
    if (missing.objects + wrongSize.objects === 0) this.#add("ok", `volume ${row.name} is there and lists what it should`);
  }

  async versions(): Promise<void> {
    let checked = 0;
    for await (const row of this.#liveVersions()) {
      checked++;
      const problem = await problemOfVersion(this.#engine, row, this.#signal);
      if (problem !== undefined)
        this.#add("problem", problem, "Run `holdfast repair`; if the catalog is older than the volumes, `holdfast rebuild` finds what they hold.");
    }
    this.#add("ok", `${checked} versions were followed down to their chunks`);
  }

  async *#liveVersions(): AsyncGenerator<VersionRow> {
    const { catalog } = this.#engine;
    for (const model of await catalog.models()) {
      const seen = new Set<string>();
      for (const { ref, version } of await catalog.refs(model)) {
        const history = await catalog.history(model, version, Number.MAX_SAFE_INTEGER);
        if (history.length === 0)
          this.#add("problem", `${model}@${ref} names version ${version}, which is not there`, "Bring missing volumes back, then run `holdfast rebuild`.");
        for (const row of history) if (!seen.has(row.id) && seen.add(row.id)) yield row;
      }
    }
  }

  async replicas(): Promise<void> {
    let needing = 0;
    for await (const _ of objectsInNeed(this.#engine)) needing++;
    if (needing > 0) this.#add("problem", `${needing} objects have fewer good replicas than they want, or a bad one`, "Run `holdfast repair`.");
    else this.#add("ok", "every object has the replicas that it wants");
  }

  /** A push that was killed leaves reservations until its lease ends; the next collection takes them away. */
  async leftovers(): Promise<void> {
    const { catalog } = this.#engine;
    const intents = await catalog.openIntents();
    if (intents.length > 0) this.#add("note", `${intents.length} operations are going on, or were killed and hold what they had until their lease ends`);
    for (const [state, what] of leftoverStates) {
      const [objects, bytes] = await this.#inState(state);
      if (objects > 0) this.#add("note", `${objects} objects (${bytes} bytes) ${what}`, "`holdfast gc` removes them when their time has come.");
    }
    const unwritten = await catalog.unwrittenLog(1000);
    if (unwritten.length > 0)
      this.#add("note", `${unwritten.length} moves of refs are in the catalog and not yet beside the data`, "The next push or `holdfast repair` writes them.");
  }

  /** Nothing depends on it, so that it is away shows nowhere else. */
  async coordination(): Promise<void> {
    const { coordinator } = this.#engine.coordination;
    if (!coordinator.shared) return;
    try {
      await coordinator.check(this.#signal);
      this.#add("ok", "processes can take turns through what `coordinate:` names");
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      this.#add("note", `coordination: ${error.message}`, error.advice ?? "Processes do not take turns meanwhile, which costs time only.");
    }
  }

  async #inState(state: ObjectState): Promise<[number, number]> {
    const { catalog } = this.#engine;
    let [objects, bytes] = [0, 0];
    for (let page = await catalog.objectsAfter(undefined, [state], 1000); page.length > 0; page = await catalog.objectsAfter(page.at(-1)?.id, [state], 1000)) {
      objects += page.length;
      for (const object of page) bytes += object.bytes;
    }
    return [objects, bytes];
  }
}

const leftoverStates: readonly (readonly [ObjectState, string])[] = [
  ["reserved", "are being written, or were when their push was killed"],
  ["condemned", "are no longer needed and wait for the end of their hold"],
  ["deleting", "are being removed"],
];

function counted({ objects, bytes, examples }: Tally): string {
  return `${objects} objects (${bytes} bytes: ${examples.join(", ")}${objects > examples.length ? ", …" : ""})`;
}
