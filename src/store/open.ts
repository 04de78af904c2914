/** From a folder to a store that works. */
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Config, defaultConfig, readConfig } from "../config/index.ts";
import { fault } from "../core/errors.ts";
import { realWorld, type World } from "../core/world/index.ts";
import { isThere } from "../machine/is-there.ts";
import { catalogIsThere, catalogUrlFrom, openCatalog } from "../places/catalog/index.ts";
import { openCoordination } from "../places/coordinate/index.ts";
import { isOverNetwork } from "../places/volumes/index.ts";
import { mainVolume, settleVolumes } from "./claim.ts";
import { sizeOf, workersFor } from "./size.ts";
import { Store } from "./store.ts";
import { Machinery, StoreEngine } from "./store-engine.ts";
import { memoryBytesOf, sharedOut, tiersOf } from "./tiers.ts";
import { volumeListFile } from "./volume-list.ts";

export interface StoreOptions {
  /** The folder of the store. Default: `~/.holdfast`. */
  readonly store?: string;
  /** Bytes that pushes and pulls may keep in memory. Default: the store's setting, 192 MiB without one; never more than half of the machine's. */
  readonly memory?: number;
  /**
   * Threads that work on data. Default: the store's setting, without one, three more than there are cores, or one more where all volumes are reached
   * over a network; at most 16.
   */
  readonly workers?: number;
  /** Makes the store when it is not there. Default: true. */
  readonly create?: boolean;
  /** Variables that volumes in engines take credentials from, as AWS_PROFILE: mostly `process.env`. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Where the settings say nothing of a cache: keep 64 MiB of chunks in memory when a volume is not a local folder, which the system keeps in
   * memory by itself. For programs that live long. Default: true.
   */
  readonly standingCache?: boolean;
  /** Clock, chance and timers. Default: the real ones. */
  readonly world?: World;
}

/**
 * Opens the store in a folder. Throws FILE_MISSING when there is none and none is to be made, CATALOG_UNREACHABLE when its catalog is
 * gone and its volumes are not, CATALOG_CORRUPT, CONFIG_INVALID, STORE_UNSUPPORTED, ACCESS_DENIED, ARGUMENT_INVALID.
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const world = options.world ?? realWorld;
  const folder = folderOf(options);
  const config = await readConfig(folder);
  const { memory = config.memory, workers: workersWanted = config.workers } = options;
  sizeOf(memory, workersWanted ?? 1); // before anything is made: it throws for what cannot work
  const url = catalogUrl(folder, config);
  const create = await mayCreate(folder, config, options.create ?? true, await catalogIsThere(url, world));
  await using opened = new AsyncDisposableStack();
  const catalog = opened.use(await openCatalog(url, world, { create }));
  const coordination = opened.use(await openCoordination(config.coordinate, { world, clusterId: catalog.clusterId, env: options.env ?? {} }));
  const rows = await catalog.volumes();
  const places = [...rows, ...config.volumes];
  const tiers = tiersOf(config, folder, (options.standingCache ?? true) && places.some(isOverNetwork));
  const size = sizeOf(memory, workersWanted ?? workersFor(places), memoryBytesOf(tiers));
  const engine = new StoreEngine(new Machinery(world, folder, size, options.env), catalog, coordination, rows, sharedOut(tiers, size.cacheBytes));
  const warnings = await settleVolumes(engine, config);
  opened.move();
  return new Store({ engine, folder, config, warnings });
}

export function folderOf({ store }: Pick<StoreOptions, "store">): string {
  return resolve(store ?? join(homedir(), ".holdfast"));
}

export function catalogUrl(folder: string, { catalog }: Pick<Config, "catalog"> = defaultConfig): string {
  return catalogUrlFrom(folder, catalog);
}

/** A catalog that is gone is never made anew beside volumes that are not: they would be strangers to it. */
async function mayCreate(folder: string, config: Config, create: boolean, isThereAlready: boolean): Promise<boolean> {
  if (isThereAlready) return false;
  if ((await isThere(join(folder, volumeListFile))) || (await isThere(join(folder, mainVolume.url, "identity", "volume")))) return false;
  if (create) await makeFolder(folder);
  else if (config.volumes.length === 0)
    throw fault("FILE_MISSING", `there is no store in ${folder}`, { advice: "Name another with --store or HOLDFAST_STORE; the first push makes one." });
  return create;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice = "Name another folder with --store or HOLDFAST_STORE.";
    throw fault(code === "ENOSPC" ? "VOLUME_FULL" : "ACCESS_DENIED", `the folder of the store cannot be made: ${message}`, { cause: error, advice });
  }
}
