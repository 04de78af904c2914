/** `memory:NAME`. The same name means the same bytes for as long as the process lives; nothing outlives it. */
import type { VolumeDriver } from "../volume-driver.ts";
import { type MemoryObjects, openMemoryVolume } from "./driver.ts";

const places = new Map<string, MemoryObjects>();

export const driver: VolumeDriver = {
  copies: () => 1,
  space: async () => undefined,
  async prepare({ url }) {
    if (!places.has(url)) places.set(url, new Map());
  },
  async open({ url, name, failureDomain }) {
    return openMemoryVolume({ name, failureDomain, objects: places.get(url) ?? new Map() });
  },
};
