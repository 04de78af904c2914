/** From which volume to read an object: its good replicas first, spread by object, without those that have failed. */
import { fault, type HoldfastError, isFault, kindOf } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ByteRange } from "../../core/range.ts";
import { lengthOf } from "../../core/range.ts";
import type { ObjectId, ObjectRow, ReplicaRow } from "../../places/catalog/index.ts";
import { lateWork, type ObjectKey, objectKey, type Scatter } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { DamageLog, type Spot } from "./damage.ts";

interface Known {
  readonly key: ObjectKey;
  readonly volumes: readonly VolumeName[];
}

const preference = { good: 0, suspect: 1, bad: 2, intended: 3 } as const;

export class Replicas {
  readonly damage = new DamageLog();
  readonly #engine: Engine;
  readonly #known = new Map<ObjectId, Known>();
  /** Bytes read from volumes. */
  fetchedBytes = 0;
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

  /** The volume to read a spot from: a good replica without known damage before others. Throws when none is left. */
  volumeFor(spot: Spot): VolumeName {
    let best: { readonly volume: VolumeName; readonly wrong: number } | undefined;
    const { key, volumes } = this.#require(spot.object);
    for (const volume of volumes) {
      const wrong = this.damage.wrongSpots(spot, volume);
      if (wrong !== undefined && (!best || wrong < best.wrong)) best = { volume, wrong };
    }
    if (!best) throw this.#exhausted(spot.object, key);
    return best.volume;
  }

  /** Fills the views from a range of the object; undefined when it did. Returns why it could not, for the caller to note which spots that spoils. */
  async read(object: ObjectId, name: VolumeName, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<HoldfastError | undefined> {
    const { key } = this.#require(object);
    try {
      const volume = await this.#engine.volumes.forReading(name);
      const read = await volume.get(key, range, into, signal);
      if (read !== lengthOf(range)) throw fault("OBJECT_CORRUPT", `${key} on ${name} ends before byte ${range.end}`);
      this.fetchedBytes += read;
      return undefined;
    } catch (error) {
      await lateWork(error); // an attempt that ran out of time may still be filling the views
      if (!isFault(error) || error.kind === "cancelled") throw error;
      if (error.kind !== "corrupt") this.damage.lose(object, name, error);
      return error;
    }
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
  return { key: objectKey(object), volumes: ordered.map((replica) => replica.volume) };
}
