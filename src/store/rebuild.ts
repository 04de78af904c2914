/** A store whose catalog is lost, damaged or too old gets a new one from its volumes. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Config, readConfig } from "../config/index.ts";
import { fault } from "../core/errors.ts";
import { realWorld } from "../core/world/index.ts";
import type { RebuildReport } from "../flows/rebuild.ts";
import { mainVolume, newVolumeName } from "./claim.ts";
import { catalogUrl, folderOf, type StoreOptions } from "./open.ts";
import type { TaskOptions } from "./options.ts";
import { Running, type Timed } from "./running.ts";
import { sizeOf, workersFor } from "./size.ts";
import { Machinery } from "./store-engine.ts";
import type { Task } from "./task.ts";
import { type ListedVolume, readVolumeList } from "./volume-list.ts";

export interface RebuildOptions extends TaskOptions, Omit<StoreOptions, "create"> {
  /** URLs of more volumes than the settings and the store's own list name. */
  readonly volumes?: readonly string[];
  /** Goes on without volumes that are not there. */
  readonly allowMissing?: boolean;
}

/**
 * Makes a new catalog from the volumes alone: models, refs, their history and every chunk. The old one is kept beside it. No other
 * process may have the store open. Throws FILE_MISSING where no volume is known, VOLUME_UNREACHABLE and VOLUME_IDENTITY_MISSING for one
 * that is not there unless `allowMissing`, VOLUME_FOREIGN, CATALOG_UNREACHABLE while the store is open elsewhere, CONFIG_INVALID.
 */
export function rebuildStore(options: RebuildOptions = {}): Task<Timed<RebuildReport>> {
  const world = options.world ?? realWorld;
  return new Running(world).startTimed(options.signal, async (progress, signal) => {
    const folder = folderOf(options);
    const config = await readConfig(folder);
    const volumes = await volumesOf(folder, config, options.volumes ?? []);
    const { rebuild } = await import("../flows/rebuild.ts");
    const size = sizeOf(options.memory ?? config.memory, options.workers ?? config.workers ?? workersFor(volumes));
    await using machinery = new Machinery(world, folder, size, options.env);
    const request = { catalogUrl: catalogUrl(folder, config), volumes, replicas: config.replicas, allowMissing: options.allowMissing ?? false };
    const { arena, pool, headers, environment } = machinery;
    return await rebuild({ world, arena, pool, headers, environment }, request, progress, signal);
  });
}

/** What the settings say goes before what the store wrote down; the default volume is one where nothing else is said. */
async function volumesOf(folder: string, config: Config, urls: readonly string[]): Promise<ListedVolume[]> {
  const found = new Map((await readVolumeList(folder)).map((volume) => [volume.name, volume]));
  for (const { name, url, domain, weight } of config.volumes) {
    const state = found.get(name)?.state ?? "active";
    found.set(name, { name, url, failureDomain: domain ?? name, weight, state });
  }
  for (const url of urls) {
    if ([...found.values()].some((volume) => volume.url === url)) continue;
    const name = newVolumeName(url, new Set(found.keys()));
    found.set(name, { name, url, failureDomain: name, weight: 1, state: "active" });
  }
  if (found.size === 0 && (await isThere(join(folder, mainVolume.url)))) {
    const { name, url } = mainVolume;
    return [{ name, url, failureDomain: name, weight: 1, state: "active" }];
  }
  if (found.size > 0) return [...found.values()];
  throw fault("FILE_MISSING", `there is no store in ${folder}`, { advice: "Name its folder with --store or HOLDFAST_STORE, and its volumes with --volume." });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
