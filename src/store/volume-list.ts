/**
 * The volumes of a store, written down beside its catalog. Nothing is read from it while there is a catalog; when that is lost, a
 * rebuild must know where to look, and the volumes cannot say where the others are.
 */
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { fault } from "../core/errors.ts";
import { parseVolumeName } from "../core/names.ts";
import type { VolumeRow } from "../places/catalog/index.ts";

export type ListedVolume = Omit<VolumeRow, "id">;

export const volumeListFile = "volumes.json";
const format = "holdfast-volumes";

/** `unique` names the file while it is written. */
export async function writeVolumeList(folder: string, rows: readonly VolumeRow[], unique: string): Promise<void> {
  const volumes = rows.map(({ name, url, failureDomain, weight, state }) => ({ name, url, failureDomain, weight, state }));
  const path = join(folder, volumeListFile);
  const temporary = `${path}.${unique}`;
  await using file = await open(temporary, "w");
  await file.writeFile(`${JSON.stringify({ format, version: 1, volumes }, undefined, 2)}\n`);
  await file.sync();
  await rename(temporary, path);
}

/** Empty where there is none. Throws CONFIG_INVALID for a file that is something else. */
export async function readVolumeList(folder: string): Promise<ListedVolume[]> {
  const path = join(folder, volumeListFile);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (text === undefined) return [];
  try {
    return listOf(JSON.parse(text));
  } catch (error) {
    throw fault("CONFIG_INVALID", `${path} is damaged`, { cause: error, advice: "Remove it, and name each volume with --volume." });
  }
}

function listOf(value: { format?: unknown; version?: unknown; volumes?: readonly Record<keyof ListedVolume, unknown>[] }): ListedVolume[] {
  if (value.format !== format || value.version !== 1 || !Array.isArray(value.volumes)) throw new TypeError("not a list of volumes");
  return value.volumes.map(({ name, url, failureDomain, weight, state }) => {
    if (typeof url !== "string" || typeof failureDomain !== "string" || typeof weight !== "number") throw new TypeError("not a volume");
    return { name: parseVolumeName(String(name)), url, failureDomain, weight, state: state === "draining" ? "draining" : "active" };
  });
}
