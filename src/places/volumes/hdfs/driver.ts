/**
 * A volume in HDFS over WebHDFS. Names are the NameNode's, bytes go straight between the arena and a DataNode. An object is written under a
 * temporary name, measured and compared, and only then renamed: HDFS closes a cut upload as if it were whole.
 */
import { fault, throwIfCancelled } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import { type ByteRange, lengthOf } from "../../../core/range.ts";
import { GiB } from "../../../core/units.ts";
import { identityKey } from "../keys.ts";
import { requireFit, scatterBytes } from "../scatter.ts";
import type { Evidence, ObjectKey, ObjectStat, Replayable, Scatter, Volume, VolumeTraits } from "../volume.ts";
import { download } from "./download.ts";
import { pathOf } from "./layout.ts";
import { Presence } from "./presence.ts";
import type { Reach } from "./reach.ts";
import { upload } from "./upload.ts";
import { questionsInFlight, statAll, walk } from "./walk.ts";

/** A file has at most 1,048,576 blocks, of 1 MiB at least. */
const objectBytesMax = 1024 * GiB;

export class HdfsVolume implements Volume {
  readonly name: VolumeName;
  readonly traits: VolumeTraits;
  readonly #reach: Reach;
  readonly #presence: Presence;

  constructor(reach: Reach, failureDomain: string) {
    this.name = reach.volume;
    this.traits = { failureDomain, copies: reach.place.counts, objectBytesMax };
    this.#reach = reach;
    this.#presence = new Presence(reach);
  }

  async put(key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<Evidence> {
    throwIfCancelled(signal);
    const path = pathOf(this.#reach.place.root, key);
    const bytes = scatterBytes(body);
    if (bytes > objectBytesMax) throw fault("LIMIT_EXCEEDED", `${key} of ${bytes} bytes is larger than volume ${this.name} takes`);
    await this.#admit(key, signal);
    const evidence = await upload(this.#reach, path, body, signal);
    if (evidence === undefined) throw fault("OBJECT_EXISTS", `volume ${this.name} already has ${key}`);
    return evidence;
  }

  async get(key: ObjectKey, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<number> {
    throwIfCancelled(signal);
    requireFit(range, into);
    const path = pathOf(this.#reach.place.root, key);
    const read = lengthOf(range) > 0 ? await download(this.#reach, path, range.start, into, signal) : await this.#readNothing(path, signal);
    return read ?? this.#missing(key, signal);
  }

  async *stat(keys: readonly ObjectKey[], signal: AbortSignal): AsyncGenerator<ObjectStat> {
    throwIfCancelled(signal);
    let found = 0;
    for await (const one of statAll(this.#reach, keys, signal)) {
      found++;
      yield one;
    }
    if (found < keys.length) await this.#presence.require(signal);
  }

  /** Looks for the identity before and after: a list from which the folder was moved away must not end as a whole one. */
  async *list(after: ObjectKey | undefined, signal: AbortSignal): AsyncGenerator<ObjectStat> {
    throwIfCancelled(signal);
    await this.#presence.require(signal);
    yield* walk(this.#reach, after, signal);
    await this.#presence.require(signal);
  }

  async remove(keys: readonly ObjectKey[], signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    await this.#admit(keys.includes(identityKey) ? identityKey : undefined, signal);
    for (let at = 0; at < keys.length; at += questionsInFlight) {
      throwIfCancelled(signal);
      const some = keys.slice(at, at + questionsInFlight);
      await Promise.all(some.map((key) => this.#reach.names.remove(pathOf(this.#reach.place.root, key), false, signal)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reach.temporaries.clear();
    await this.#reach.client[Symbol.asyncDispose]();
  }

  /** The identity may be changed where there is none yet, so that it can be repaired; anything else only where it is. */
  async #admit(key: ObjectKey | undefined, signal: AbortSignal): Promise<void> {
    if (key === identityKey) this.#presence.forget();
    else await this.#presence.require(signal);
  }

  async #readNothing(path: string, signal: AbortSignal): Promise<number | undefined> {
    return (await this.#reach.names.status(path, signal)) ? 0 : undefined;
  }

  async #missing(key: ObjectKey, signal: AbortSignal): Promise<never> {
    if (key !== identityKey) await this.#presence.require(signal);
    throw fault("OBJECT_MISSING", `volume ${this.name} has no ${key}`);
  }
}
