/** Every operation on a store. The flows that do the work are loaded when they are first asked for. */
import type { Config } from "../config/index.ts";
import { fault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { isVersionId, parseModelName, parseRefName, type VersionId } from "../core/names.ts";
import type { CollectReport } from "../flows/collect.ts";
import type { VersionDiff } from "../flows/diff.ts";
import type { DoctorReport } from "../flows/doctor.ts";
import type { TensorFacts, TensorFileResult } from "../flows/get-tensor.ts";
import type { TensorCount } from "../flows/hot-tensors.ts";
import type { ModelSummary, VersionDetail, VersionSummary } from "../flows/inspect.ts";
import type { LoadResult, Wish } from "../flows/load.ts";
import type { PushResult } from "../flows/push.ts";
import type { RemoveResult } from "../flows/remove.ts";
import type { RepairReport } from "../flows/repair.ts";
import type { ScrubReport } from "../flows/scrub.ts";
import type { SetTensorResult } from "../flows/set-tensor.ts";
import type { TagResult } from "../flows/tag.ts";
import type { SeenMove } from "../flows/watch.ts";
import type { PoolMeasures } from "../machine/pool.ts";
import type { Durability } from "../moves/replicate/index.ts";
import { type ModelAt, parseModelAt, refOf, resolveVersion } from "../moves/versions/index.ts";
import { Cache } from "./cache.ts";
import { claimMain } from "./claim.ts";
import type {
  DurabilityOptions,
  GcOptions,
  HotTensorsOptions,
  LoadTensorsOptions,
  LogOptions,
  PullOptions,
  PushOptions,
  RemoveOptions,
  RepairOptions,
  Selection,
  SetTensorOptions,
  TagOptions,
  TaskOptions,
  TensorOptions,
  WatchOptions,
} from "./options.ts";
import { Running, type Timed } from "./running.ts";
import type { StoreEngine } from "./store-engine.ts";
import type { Task } from "./task.ts";
import { TensorAccess, type TensorOfVersion } from "./tensor-access.ts";
import { type TensorMap, tensorMap } from "./tensors.ts";
import { Volumes } from "./volumes.ts";
import { watchMoves } from "./watching.ts";

const collectHoldMs = 24 * 3600_000;

interface Parts {
  readonly engine: StoreEngine;
  readonly folder: string;
  readonly config: Config;
  readonly warnings: readonly string[];
}

/**
 * An open store. Models are named `namespace/name`, versions `namespace/name@ref`: a ref, a version id or the first digits of one,
 * and `~n` behind it for the n-th before; `main` where nothing is said. Close it with `await using` or `Symbol.asyncDispose`.
 */
export class Store implements AsyncDisposable {
  readonly folder: string;
  /** What was not as it should be when the store was opened, in sentences for people. */
  readonly warnings: readonly string[];
  readonly volumes: Volumes;
  readonly cache: Cache;
  readonly #engine: StoreEngine;
  readonly #config: Config;
  readonly #running: Running;
  readonly #tensors: TensorAccess;

  constructor({ engine, folder, config, warnings }: Parts) {
    this.folder = folder;
    this.warnings = warnings;
    this.#engine = engine;
    this.#config = config;
    this.#running = new Running(engine.world);
    this.#tensors = new TensorAccess(engine, this.#running);
    this.volumes = new Volumes(engine, this.#running);
    this.cache = new Cache(engine, this.#running);
  }

  /**
   * Stores a folder or file as the next version of a ref. When it resolves, every replica is synced and was read back. Pushing what
   * is already there makes no new version. A push that was interrupted is pushed again: only what is missing is stored.
   *
   * Throws FILE_MISSING, PATH_INVALID, PATH_COLLISION, FORMAT_INVALID (with `strict`), SOURCE_CHANGED, REF_CONFLICT, REPLICAS_TOO_FEW,
   * VOLUME_UNREACHABLE (no volume of the settings can be taken into a new store), VOLUME_FULL, ACCESS_DENIED, CANCELLED.
   */
  push(path: string, model: string, options: PushOptions = {}): Task<Timed<PushResult>> {
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const at = parseModelAt(model);
      const request = {
        path,
        model: at.model,
        ref: refOf(at),
        durability: this.#durability(options),
        waitCopiesMs: options.waitCopiesMs ?? 0,
        strategy: options.strategy ?? "range",
        groups: options.groups,
        seed: options.seed ?? "",
        encode: options.encode ?? "auto",
        parent: options.parent === undefined ? undefined : await this.#versionOf(at, options.parent),
        expected: options.expect === undefined ? undefined : await this.#versionOf(at, options.expect),
        strict: options.strict ?? false,
        followLinks: options.followLinks ?? false,
        message: options.message ?? "",
      } as const;
      const { push } = await import("../flows/push.ts");
      await claimMain(this.#engine, this.#config, this.warnings);
      return push(this.#engine, request, progress, signal);
    });
  }

  /**
   * Writes a version, or what is selected of it, into a folder; every byte is verified first. What the folder already has is verified and
   * kept, so an interrupted pull goes on where it was. Files appear under their names when they are whole.
   *
   * With `tensors` the folder gets one file, `tensors.safetensors`; with `rank` the safetensors files hold the rank's slices.
   * Throws MODEL_MISSING, REF_MISSING, FILE_MISSING, TENSOR_MISSING, PLAN_INVALID, TARGET_BUSY, DATA_CORRUPT, CHUNK_LOST, VOLUME_UNREACHABLE,
   * VOLUME_FULL, ACCESS_DENIED, CANCELLED.
   */
  pull(model: string, folder: string, options: PullOptions = {}): Task<Timed<LoadResult>> {
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const wish = await wishOf(model, options);
      const { load } = await import("../flows/load.ts");
      return load(this.#engine, { ...wish, folder }, progress, signal);
    });
  }

  /** Tensors into memory, whole or as a rank has them, all of them where none is selected. Throws what `pull` throws of a store. */
  loadTensors(model: string, options: LoadTensorsOptions = {}): Task<TensorMap> {
    return this.#running.start(options.signal, async (progress, signal) => {
      const wish = await wishOf(model, options);
      const { loadTensors } = await import("../flows/load-tensors.ts");
      const { tensors } = await loadTensors(this.#engine, { ...wish, allocate: options.allocate }, progress, signal);
      return tensorMap(tensors);
    });
  }

  /** One tensor into memory, through the cache. Throws TENSOR_MISSING, ARGUMENT_INVALID where several files have one of the name, and what `pull` throws of a store. */
  getTensor(model: string, name: string, options: TensorOptions = {}): Task<TensorOfVersion> {
    return this.#tensors.get(parseModelAt(model), name, options);
  }

  /** What a tensor is, without its bytes. Throws what `getTensor` throws. */
  describeTensor(model: string, name: string, options: TensorOptions = {}): Promise<TensorFacts> {
    return this.#tensors.describe(parseModelAt(model), name, options);
  }

  /** The tensors that were read by name most often, the first first, by all processes that coordinate (docs/coordinate.md). */
  hotTensors(model: string, options: HotTensorsOptions = {}): Promise<TensorCount[]> {
    return this.#tensors.hot(parseModelAt(model), options);
  }

  /** One tensor into a file: a NumPy file where its name ends in `.npy`, otherwise the bytes as they are. Throws what `getTensor` and `pull` throw, and FORMAT_UNSUPPORTED. */
  saveTensor(model: string, name: string, out: string, options: TensorOptions = {}): Task<Timed<TensorFileResult>> {
    return this.#tensors.save(parseModelAt(model), name, out, options);
  }

  /**
   * Replaces one tensor by an array in a `.npy` file, by all bytes of any other file, or by the bytes given, and moves the ref to the new
   * version: its other tensors are those of the ref at that moment. Throws what `getTensor` and `push` throw; ARGUMENT_INVALID where it does not fit.
   */
  setTensor(model: string, name: string, source: string | Uint8Array, options: SetTensorOptions = {}): Task<Timed<SetTensorResult>> {
    return this.#tensors.set(parseModelAt(model), name, source, this.#durability(options), options);
  }

  /**
   * Moves of refs as they come, of all models where none is named: each once and in order, from now on or behind the number `after`. Goes on
   * until the loop is left, the signal ends it with CANCELLED, or the store is closed.
   */
  watch(model?: string, options: WatchOptions = {}): AsyncGenerator<SeenMove, void> {
    return watchMoves(this.#engine, this.#running, model, options);
  }

  /** Models with their refs, in the order of names. Throws MODEL_MISSING for one that is named and not there. */
  async ls(model?: string): Promise<ModelSummary[]> {
    const { listModels } = await import("../flows/inspect.ts");
    return this.#running.do(undefined, () => listModels(this.#engine.catalog, model === undefined ? undefined : parseModelName(model)));
  }

  /** A version with its files, their tensors, and how its chunks are stored; reads no weights. Throws MODEL_MISSING, REF_MISSING. */
  async show(model: string, { signal }: TaskOptions = {}): Promise<VersionDetail> {
    const { describeVersion } = await import("../flows/inspect.ts");
    return this.#running.do(signal, (joined) => describeVersion(this.#engine, parseModelAt(model), joined));
  }

  /** From a version back through its parents, newest first. Throws MODEL_MISSING, REF_MISSING. */
  async log(model: string, { limit = 100 }: LogOptions = {}): Promise<VersionSummary[]> {
    const { history } = await import("../flows/inspect.ts");
    return this.#running.do(undefined, () => history(this.#engine.catalog, parseModelAt(model), limit));
  }

  /** How the second version differs from the first. Throws MODEL_MISSING, REF_MISSING. */
  async diff(from: string, to: string, { signal }: TaskOptions = {}): Promise<VersionDiff> {
    const { diffVersions } = await import("../flows/diff.ts");
    return this.#running.do(signal, (joined) => diffVersions(this.#engine, parseModelAt(from), parseModelAt(to), joined));
  }

  /** Points a ref at a version; durable beside the data when it resolves. Throws MODEL_MISSING, REF_MISSING, REF_CONFLICT, NAME_INVALID. */
  async tag(model: string, ref: string, options: TagOptions = {}): Promise<TagResult> {
    const { tag } = await import("../flows/tag.ts");
    return this.#running.do(options.signal, (signal) => tag(this.#engine, parseModelAt(model), parseRefName(ref), this.#smallDurability(options), signal));
  }

  /** Removes one ref, or all refs of a model where none is named. What nothing reaches any more, a collection removes. Throws MODEL_MISSING, REF_MISSING. */
  async remove(model: string, options: RemoveOptions = {}): Promise<RemoveResult> {
    const { removeRefs } = await import("../flows/remove.ts");
    return this.#running.do(options.signal, (signal) => removeRefs(this.#engine, parseModelAt(model), this.#smallDurability(options), signal));
  }

  /**
   * Removes what no version needs and no push has under way, after a hold. Throws COLLECT_INCOMPLETE unless every volume is there, and
   * COLLECT_APPROVAL when it would be more than 5 % of the store and `approve` is not given.
   */
  gc(options: GcOptions = {}): Task<Timed<CollectReport>> {
    const { holdMs = collectHoldMs, approve = false, dryRun = false } = options;
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const { collect } = await import("../flows/collect.ts");
      return collect(this.#engine, { holdMs, approve, dryRun }, progress, signal);
    });
  }

  /** Reads every byte of every replica and verifies it; with `repair` mends what is damaged or missing from a good one. */
  scrub(options: RepairOptions = {}): Task<Timed<ScrubReport>> {
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const { scrub } = await import("../flows/scrub.ts");
      return scrub(this.#engine, { repair: options.repair ?? false }, progress, signal);
    });
  }

  /** Writes the replicas that are known to be missing or damaged. */
  repair(options: TaskOptions = {}): Task<Timed<RepairReport>> {
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const { repair } = await import("../flows/repair.ts");
      return repair(this.#engine, this.#smallDurability({}), progress, signal);
    });
  }

  /** Checks the catalog, the volumes, their lists and every version, without reading weights; with `repair` writes damaged identities anew. */
  doctor(options: RepairOptions = {}): Task<Timed<DoctorReport>> {
    return this.#running.startTimed(options.signal, async (progress, signal) => {
      const { doctor } = await import("../flows/doctor.ts");
      return doctor(this.#engine, { repair: options.repair ?? false }, progress, signal);
    });
  }

  /** What the workers have done since the store was opened: jobs, and milliseconds by stage. The benches tell from it where time goes. */
  measures(): PoolMeasures {
    return this.#engine.machinery.measures();
  }

  /** Ends what is going on with CANCELLED, then lets go of volumes, threads and the catalog. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    await this.#engine[Symbol.asyncDispose]();
  }

  async #versionOf({ model }: ModelAt, revision: string): Promise<VersionId> {
    return isVersionId(revision) ? revision : (await resolveVersion(this.#engine.catalog, { model, revision })).id;
  }

  /** A line of the ref log costs nothing beside what is lost without it. */
  #smallDurability({ replicas, replicasMin }: DurabilityOptions): Durability {
    const copies = replicas ?? Math.max(this.#config.replicas, Math.min(3, this.#engine.volumes.rows.length));
    return this.#durability({ replicas: copies, replicasMin: replicasMin ?? Math.min(this.#config.replicas, copies) });
  }

  #durability({ replicas = this.#config.replicas, replicasMin = replicas }: DurabilityOptions): Durability {
    if (!Number.isInteger(replicas) || replicas < 1 || replicas > limits.replicasMax)
      throw fault("ARGUMENT_INVALID", `${replicas} replicas`, { advice: `Give a number between 1 and ${limits.replicasMax}.` });
    if (!Number.isInteger(replicasMin) || replicasMin < 1 || replicasMin > replicas)
      throw fault("ARGUMENT_INVALID", `at least ${replicasMin} of ${replicas} replicas`, { advice: "Give a number between 1 and the number of replicas." });
    return { replicas, replicasMin };
  }
}

async function wishOf(model: string, { include = [], exclude = [], tensors = [], rank }: Selection): Promise<Wish> {
  const at = parseModelAt(model);
  if (rank === undefined) return { at, include, exclude, tensors, rank };
  const { readRankWish } = await import("./rank-plan.ts");
  return { at, include, exclude, tensors, rank: await readRankWish(rank) };
}
