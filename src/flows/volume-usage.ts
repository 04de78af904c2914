/** What lies on the volumes of a store, by the catalog's word. */
import type { VolumeName } from "../core/names.ts";
import type { Catalog, VolumeRow } from "../places/catalog/index.ts";

export interface VolumeUsage extends VolumeRow {
  readonly objects: number;
  readonly bytes: number;
}

const objectsAtOnce = 4096;

export async function volumeUsage(catalog: Catalog): Promise<VolumeUsage[]> {
  const rows = await catalog.volumes();
  return Promise.all(rows.map(async (row) => ({ ...row, ...(await usageOf(catalog, row.name)) })));
}

async function usageOf(catalog: Catalog, name: VolumeName): Promise<{ objects: number; bytes: number }> {
  let objects = 0;
  let bytes = 0;
  for (let page = await catalog.objectsOn(name, undefined, objectsAtOnce); page.length > 0; ) {
    objects += page.length;
    for (const object of page) bytes += object.bytes;
    page = page.length < objectsAtOnce ? [] : await catalog.objectsOn(name, page.at(-1)?.id, objectsAtOnce);
  }
  return { objects, bytes };
}
