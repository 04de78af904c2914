/** From which volume to read an object: its good replicas first, spread by object and by how busy volumes are, without those that have failed. */
import { fault, type HoldfastError, isFault, kindOf } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ByteRange } from "../../core/range.ts";
import { lengthOf } from "../../core/range.ts";
import type { ObjectId, ObjectRow, ReplicaRow } from "../../places/catalog/index.ts";
import { type ObjectKey, objectKey, type Scatter } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { DamageLog, type Spot } from "./damage.ts";
import { type Ending, endingOf, type Hedge, type HedgeMeans, type ReadFrom, readHedged } from "./hedge.ts";
import { type Choosing, preferred, quickest } from "./prefer.ts";

interface Known {
  readonly key: ObjectKey;
  /** In the order in which they are asked, all else being equal. */
  readonly volumes: readonly VolumeName[];
  /** So many at the front are in the same, the best, state. */
  readonly best: number;
}

/** Bytes of one object that are read at once from one of its replicas. */
export interface Extent {
  readonly object: ObjectId;
  readonly volume: VolumeName;
  /** What begins in it. */
  readonly offsets: readonly number[];
  readonly range: ByteRange;
  readonly into: Scatter;
}

export interface ReadAnswer {
  /** The replica that the bytes are from, which may be another one than was asked first; or, with a problem, the one that has it. */
  readonly volume: VolumeName;
  /** Why the views are not filled, for the caller to note which spots that spoils. */
  readonly problem: HoldfastError | undefined;
}

const preference = { good: 0, suspect: 1, bad: 2, intended: 3 } as const;

/** Below this a second read costs more than waiting does. */
const hedgeAfterMsMin = 5;

export class Replicas {
  readonly damage = new DamageLog();
  readonly #engine: Engine;
  readonly #known = new Map<ObjectId, Known>();
  /** Bytes read from volumes. */
  fetchedBytes = 0;
  /** Bytes that a second replica was asked for, since the first took long. */
  hedgedBytes = 0;
  /** Bytes that the cache gave instead. */
  cachedBytes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Looks up objects that are not known yet. */
  async learn(ids: Iterable<ObjectId>): Promise<void> {
    const fresh = [...new Set(ids)].filter((id) => !this.#known.has(id));
    if (fresh.length === 0) return;
    const [objects, replicas] = await Promise.all([this.#engine.catalog.objects(fresh), this.#engine.catalog.replicas(fresh)]);
    const byObject = Map.groupBy(replicas, (replica) => replica.object);
    for (const object of objects) this.#known.set(object.id, known(object, byObject.get(object.id) ?? []));
  }

  /** The volume to read a spot from, where it is read by itself. Throws when none is left. */
  volumeFor(spot: Spot, bytes: number): VolumeName {
    return this.chooser(spot.object, bytes)(spot.offset);
  }

  /**
   * Says which volume to read a spot of the object from: one without known damage before others, a good replica before others, and then
   * the one where reading so many bytes takes less time; the same for all spots of which that is true, so that they can be read
   * together. Throws when none is left.
   */
  chooser(object: ObjectId, bytes: number): (offset: number) => VolumeName {
    const { key, volumes, best } = this.#require(object);
    const first = best > 0 ? preferred(volumes.slice(0, best), bytes, this.#choosing) : undefined;
    const ordered = first === undefined ? [] : [first, ...volumes.filter((name) => name !== first)];
    return (offset) => {
      let least: { readonly volume: VolumeName; readonly wrong: number } | undefined;
      for (const volume of ordered) {
        const wrong = this.damage.wrongSpots({ object, offset }, volume);
        if (wrong !== undefined && (!least || wrong < least.wrong)) least = { volume, wrong };
      }
      if (!least) throw this.#exhausted(object, key);
      return least.volume;
    };
  }

  get #choosing(): Choosing {
    const { world, volumes } = this.#engine;
    return { world, health: (name) => volumes.health(name) };
  }

  /** Fills the views of an extent; from another replica when the one that is asked takes long. */
  async read(extent: Extent, signal: AbortSignal): Promise<ReadAnswer> {
    const { object, volume, range, into } = extent;
    const { key } = this.#require(object);
    const read: ReadFrom = (name, views, inner) => this.#readFrom(key, name, range, views, inner);
    const bytes = lengthOf(range);
    const second = this.#hedgeFor(extent, bytes);
    const answer = second
      ? await readHedged(this.#hedgeMeans, { first: volume, second, bytes, into, read, signal })
      : { by: await endingOf(volume, () => read(volume, into, signal)), other: undefined, hedgedBytes: 0 };
    this.hedgedBytes += answer.hedgedBytes;
    if (answer.other) this.#note(object, answer.other);
    const problem = this.#note(object, answer.by);
    if (!problem) this.fetchedBytes += bytes;
    return { volume: answer.by.name, problem };
  }

  async #readFrom(key: ObjectKey, name: VolumeName, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<void> {
    const volume = await this.#engine.volumes.forReading(name);
    const read = await volume.get(key, range, into, signal);
    if (read !== lengthOf(range)) throw fault("OBJECT_CORRUPT", `${key} on ${name} ends before byte ${range.end}`);
    this.#engine.volumes.hedgeBudget.earn(read);
  }

  get #hedgeMeans(): HedgeMeans {
    const { world, arena, pool, volumes } = this.#engine;
    return { world, arena, pool, budget: volumes.hedgeBudget };
  }

  /** The quickest of the other good replicas of which nothing bad is known, once it is known how long reads take. */
  #hedgeFor({ object, volume, offsets }: Extent, bytes: number): Hedge | undefined {
    const { volumes, best } = this.#require(object);
    const isClean = (name: VolumeName): boolean => offsets.every((offset) => this.damage.wrongSpots({ object, offset }, name) === 0);
    const others = volumes.slice(0, best).filter((name) => name !== volume && isClean(name));
    const name = quickest(others, bytes, this.#choosing);
    const afterMs = name === undefined ? undefined : this.#hedgeAfterMs([volume, name], bytes);
    return name === undefined || afterMs === undefined ? undefined : { name, afterMs };
  }

  /** What is long for either of the two: a volume that is always slow is not waited for as long as it usually takes. */
  #hedgeAfterMs(names: readonly VolumeName[], bytes: number): number | undefined {
    const known = names.flatMap((name) => this.#engine.volumes.health(name).reads.p95Ms(bytes) ?? []);
    return known.length === 0 ? undefined : Math.max(hedgeAfterMsMin, Math.min(...known));
  }

  /** Returns what is wrong. Throws what is no fault of the replica. */
  #note(object: ObjectId, { name, error }: Ending): HoldfastError | undefined {
    if (error === undefined) return undefined;
    if (!isFault(error) || error.kind === "cancelled") throw error;
    if (error.kind !== "corrupt") this.damage.lose(object, name, error);
    return error;
  }

  #require(object: ObjectId): Known {
    const found = this.#known.get(object);
    if (found) return found;
    throw fault("CHUNK_LOST", `object ${object} was removed while it was to be read`, {
      advice: "Its version was deleted and collected. Load another version.",
    });
  }

  #exhausted(object: ObjectId, key: ObjectKey): Error {
    const seen = this.damage.of(object);
    const all = seen.map((entry) => `${entry.volume}: ${entry.error.message}`).join("; ") || "it has no replica";
    const kinds = new Set(seen.map((entry) => kindOf(entry.error)));
    const code = kinds.has("corrupt") ? "DATA_CORRUPT" : kinds.has("unreachable") || kinds.has("denied") ? "VOLUME_UNREACHABLE" : "CHUNK_LOST";
    return fault(code, `no replica of ${key} could be read (${all})`, {
      cause: seen[0]?.error,
      advice: "Bring the missing volumes back, or restore them, then run `holdfast repair`.",
    });
  }
}

/** Among equally good replicas the order starts elsewhere for each object, so that all volumes serve. */
function known(object: ObjectRow, replicas: readonly ReplicaRow[]): Known {
  const usable = replicas.filter((replica) => replica.state !== "intended");
  const turned = usable.map((_, index) => usable[(index + object.id) % usable.length] as ReplicaRow);
  const ordered = turned.toSorted((a, b) => preference[a.state] - preference[b.state]);
  const best = ordered.filter((replica) => replica.state === ordered[0]?.state).length;
  return { key: objectKey(object), volumes: ordered.map((replica) => replica.volume), best };
}
