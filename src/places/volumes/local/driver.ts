/** A volume in a folder: one file for each object. Bytes go through the `Disk`; names, sizes and removals are asked of the file system here. */
import { open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { fault, throwIfCancelled } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { ByteRange } from "../../../core/range.ts";
import { GiB } from "../../../core/units.ts";
import type { World } from "../../../core/world/index.ts";
import type { Disk } from "../../../machine/disk.ts";
import { identityKey } from "../keys.ts";
import { requireFit, scatterBytes } from "../scatter.ts";
import type { Evidence, ObjectKey, ObjectStat, Replayable, Scatter, Volume, VolumeTraits } from "../volume.ts";
import { faultOf, isMissing, isNoFile } from "./faults.ts";
import { requireRoom } from "./headroom.ts";
import { pathOf, temporaryPath } from "./layout.ts";
import { type Presence, watchPresence } from "./presence.ts";
import { makeTemporaryFolder, sweepTemporaries } from "./root.ts";
import { statAll, walk } from "./walk.ts";

const temporaryAgeMsMax = 24 * 3600 * 1000;

export interface LocalVolumeOptions {
  /** Absolute path of the folder. */
  readonly root: string;
  readonly name: VolumeName;
  readonly failureDomain?: string;
  readonly disk: Disk;
  readonly world: World;
}

/** Opens the folder as it is and sweeps out temporaries older than a day. Whose volume it is, `checkIdentity` says. */
export async function openLocalVolume(options: LocalVolumeOptions): Promise<Volume> {
  await sweepTemporaries(options.root, options.world.now() - temporaryAgeMsMax);
  return new LocalVolume(options);
}

class LocalVolume implements Volume {
  readonly name: VolumeName;
  readonly traits: VolumeTraits;
  readonly #root: string;
  readonly #disk: Disk;
  readonly #world: World;
  readonly #presence: Presence;

  constructor({ root, name, failureDomain, disk, world }: LocalVolumeOptions) {
    this.name = name;
    this.traits = { failureDomain: failureDomain ?? name, copies: 1, objectBytesMax: 1024 * GiB };
    this.#root = root;
    this.#disk = disk;
    this.#world = world;
    this.#presence = watchPresence(root, name);
  }

  async put(key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<Evidence> {
    throwIfCancelled(signal);
    const path = pathOf(this.#root, key);
    await this.#admit(key, scatterBytes(body));
    try {
      await this.#publish(path, body, signal);
      return "none";
    } catch (error) {
      throw await this.#explainPut(error, key);
    }
  }

  async get(key: ObjectKey, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<number> {
    throwIfCancelled(signal);
    requireFit(range, into);
    const path = pathOf(this.#root, key);
    try {
      return await this.#disk.read(path, range.start, into, signal);
    } catch (error) {
      throw await this.#explainGet(error, key);
    }
  }

  async *stat(keys: readonly ObjectKey[], signal: AbortSignal): AsyncGenerator<ObjectStat> {
    let found = 0;
    for await (const one of this.#explained(statAll(this.#root, keys, signal), "stat")) {
      found++;
      yield one;
    }
    if (found < keys.length) await this.#presence.require();
  }

  /** Looks for the identity before and after: a list that a vanished disk cut short must not end as a whole one. */
  async *list(after: ObjectKey | undefined, signal: AbortSignal): AsyncGenerator<ObjectStat> {
    throwIfCancelled(signal);
    await this.#presence.require();
    yield* this.#explained(walk(this.#root, after, signal), "list");
    await this.#presence.require();
  }

  async remove(keys: readonly ObjectKey[], signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    if (keys.includes(identityKey)) this.#presence.forget();
    else await this.#presence.require();
    try {
      await removeFiles(
        keys.map((key) => pathOf(this.#root, key)),
        signal,
      );
    } catch (error) {
      throw faultOf(error, `remove on volume ${this.name}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The identity may come where there is none yet, and on a full volume, so that it can be repaired. */
  async #admit(key: ObjectKey, bytes: number): Promise<void> {
    if (bytes > this.traits.objectBytesMax) throw fault("LIMIT_EXCEEDED", `${key} of ${bytes} bytes is larger than volume ${this.name} takes`);
    if (key === identityKey) return this.#presence.forget();
    await this.#presence.require();
    await requireRoom(this.#root, bytes, `put ${key} on volume ${this.name}`);
  }

  /** The folder of the temporaries is the only one that a write may miss on a volume that is there. */
  async #publish(path: string, body: Replayable, signal: AbortSignal): Promise<void> {
    const publish = (): Promise<void> => this.#disk.publish(path, temporaryPath(this.#root, this.#world.id()), body, signal);
    try {
      await publish();
    } catch (error) {
      if (!isMissing(error)) throw error;
      await makeTemporaryFolder(this.#root);
      await publish();
    }
  }

  async #explainGet(error: unknown, key: ObjectKey): Promise<unknown> {
    if (isNoFile(error)) return fault("OBJECT_CORRUPT", `volume ${this.name} has something that is no file in the place of ${key}`, { cause: error });
    if (!isMissing(error)) return faultOf(error, `get ${key} from volume ${this.name}`);
    if (key !== identityKey) await this.#presence.require();
    return fault("OBJECT_MISSING", `volume ${this.name} has no ${key}`, { cause: error });
  }

  async #explainPut(error: unknown, key: ObjectKey): Promise<unknown> {
    if (isMissing(error)) await this.#presence.require();
    return faultOf(error, `put ${key} on volume ${this.name}`);
  }

  async *#explained(stats: AsyncIterable<ObjectStat>, what: string): AsyncGenerator<ObjectStat> {
    try {
      yield* stats;
    } catch (error) {
      throw faultOf(error, `${what} on volume ${this.name}`);
    }
  }
}

/** Unlinks what is there, then makes that durable. */
async function removeFiles(paths: readonly string[], signal: AbortSignal): Promise<void> {
  const folders = new Set<string>();
  for (const path of paths) {
    throwIfCancelled(signal);
    if (await unlinked(path)) folders.add(dirname(path));
  }
  for (const folder of folders) {
    await using handle = await open(folder, "r");
    await handle.sync();
  }
}

async function unlinked(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
