/** A volume in the memory of this process: for tests, and the reference that the other drivers are compared with. */
import { fault, throwIfCancelled } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import { copyInto, requireFit, scatterBytes } from "../scatter.ts";
import type { ObjectKey, ObjectStat, Volume } from "../volume.ts";

export type MemoryObjects = Map<ObjectKey, Uint8Array>;

export interface MemoryVolumeOptions {
  readonly name: VolumeName;
  readonly failureDomain?: string;
  /** The bytes at rest, where several openings are to see the same ones. */
  readonly objects?: MemoryObjects;
}

export function openMemoryVolume({ name, failureDomain, objects = new Map() }: MemoryVolumeOptions): Volume {
  return {
    name,
    traits: { failureDomain: failureDomain ?? name, copies: 1, objectBytesMax: 2 ** 31 },

    async put(key, body, signal) {
      throwIfCancelled(signal);
      if (objects.has(key)) throw fault("OBJECT_EXISTS", `volume ${name} already has ${key}`);
      if (scatterBytes(body) > this.traits.objectBytesMax) throw fault("LIMIT_EXCEEDED", `${key} is larger than volume ${name} takes`);
      objects.set(key, Buffer.concat(body));
      return "none";
    },

    async get(key, range, into, signal) {
      throwIfCancelled(signal);
      requireFit(range, into);
      const bytes = objects.get(key);
      if (!bytes) throw fault("OBJECT_MISSING", `volume ${name} has no ${key}`);
      return copyInto(into, bytes.subarray(range.start, range.end));
    },

    async *stat(keys, signal) {
      for (const key of keys) {
        throwIfCancelled(signal);
        const found = statOf(objects, key);
        if (found) yield found;
      }
    },

    async *list(after, signal) {
      throwIfCancelled(signal);
      const keys = [...objects.keys()].filter((key) => after === undefined || key > after).sort();
      for (const key of keys) {
        throwIfCancelled(signal);
        const found = statOf(objects, key);
        if (found) yield found;
      }
    },

    async remove(keys, signal) {
      throwIfCancelled(signal);
      for (const key of keys) objects.delete(key);
    },

    async [Symbol.asyncDispose]() {},
  };
}

function statOf(objects: MemoryObjects, key: ObjectKey): ObjectStat | undefined {
  const bytes = objects.get(key);
  return bytes && { key, bytes: bytes.byteLength };
}
