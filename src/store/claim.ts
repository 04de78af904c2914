/** New volumes become part of a store: the place is claimed for it, then the catalog knows it. */
import { basename } from "node:path";
import { blake3Digest } from "../bytes/digests/index.ts";
import type { Config } from "../config/index.ts";
import { fault, HoldfastError } from "../core/errors.ts";
import { parseVolumeName, type VolumeName } from "../core/names.ts";
import type { VolumeRow } from "../places/catalog/index.ts";
import { claimVolume } from "../places/volumes/index.ts";
import type { StoreEngine } from "./store-engine.ts";
import { writeVolumeList } from "./volume-list.ts";

/** The volume of a store for which nothing else is said, from the store's folder so that the folder can be moved. */
export const mainVolume = { name: parseVolumeName("main"), url: "volumes/main" } as const;

export async function claimRow(engine: StoreEngine, row: VolumeRow): Promise<void> {
  const volume = await claimVolume(row, engine.catalog.clusterId, engine.machinery.environment);
  await volume[Symbol.asyncDispose]();
  await engine.catalog.setVolume(row);
  await refreshRows(engine);
}

/**
 * After a change of the volumes. They are also written down beside the catalog, so that a rebuild finds them; again where another process
 * changed them meanwhile, so that whoever is last writes the last.
 */
export async function refreshRows({ catalog, volumes, machinery }: StoreEngine): Promise<void> {
  const { world, environment } = machinery;
  for (let rows = await catalog.volumes(); ; ) {
    volumes.setRows(rows);
    await writeVolumeList(environment.base as string, rows, world.id());
    const now = await catalog.volumes();
    if (JSON.stringify(now) === JSON.stringify(rows)) return;
    rows = now;
  }
}

/** The same whoever comes first, when several processes open a new store at once. */
function settledId(clusterId: string, name: VolumeName): string {
  return blake3Digest(Buffer.from(`${clusterId}/${name}`)).slice(0, 32);
}

const nameCharactersMax = 80;

/** From the last part of the URL, with a number behind it where that name is taken. */
export function newVolumeName(url: string, taken: ReadonlySet<string>): VolumeName {
  const last = basename(url.replace(/[?#].*$/, "")).replace(/[^A-Za-z0-9._-]/g, "-");
  const base = last.slice(0, nameCharactersMax).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "") || "volume";
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return parseVolumeName(name);
  }
}

/**
 * Makes `volumes/main` where the store has no volume and the settings name none. Throws VOLUME_UNREACHABLE where they name some and none of
 * them could be taken: whoever chose a place wants the bytes there and nowhere else.
 */
export async function claimMain(engine: StoreEngine, config: Config, warnings: readonly string[]): Promise<void> {
  if (engine.volumes.rows.length > 0) return;
  if (config.volumes.length > 0)
    throw fault("VOLUME_UNREACHABLE", warnings.join("; "), { advice: "Bring one of the volumes of holdfast.yaml back, or name another there." });
  const { name, url } = mainVolume;
  await claimRow(engine, { name, url, id: settledId(engine.catalog.clusterId, name), failureDomain: name, weight: 1, state: "active" });
}

/**
 * Brings the catalog to what the settings say of volumes. What cannot be done now is returned as warnings: a disk that is
 * away must not keep anybody from the rest of the store.
 */
export async function settleVolumes(engine: StoreEngine, { volumes }: Config): Promise<string[]> {
  const warnings: string[] = [];
  const known = new Map(engine.volumes.rows.map((row) => [row.name, row]));
  for (const { name, url, domain, weight } of volumes) {
    const row = known.get(name);
    const wanted = {
      name,
      url,
      failureDomain: domain ?? name,
      weight,
      id: row?.id ?? settledId(engine.catalog.clusterId, name),
      state: row?.state ?? "active",
    } as const;
    if (row && isSame(row, wanted)) continue;
    try {
      if (!row) await claimRow(engine, wanted);
      else {
        await engine.catalog.setVolume(wanted);
        await refreshRows(engine);
      }
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      warnings.push(`volume ${name} of the settings is not in use: ${error.message}`);
    }
  }
  if (volumes.length === 0) return warnings;
  const named = new Set(volumes.map(({ name }) => name));
  const left = [...known.keys()].filter((name) => !named.has(name));
  return [...warnings, ...left.map((name) => `volume ${name} is in the store and not in the settings; \`holdfast volumes drain ${name}\` empties it`)];
}

function isSame(a: VolumeRow, b: VolumeRow): boolean {
  return a.url === b.url && a.failureDomain === b.failureDomain && a.weight === b.weight;
}
