/** A catalog as plain data, to compare one that was rebuilt with the one that was lost: nothing in it depends on row numbers. */
import type { ModelName } from "../../core/names.ts";
import type { Catalog, RefLogEntry, RefRow, VersionRow } from "./catalog.ts";

export interface CatalogExport {
  readonly models: readonly {
    readonly model: ModelName;
    readonly refs: readonly RefRow[];
    /** All that the refs reach, in the order of their ids. */
    readonly versions: readonly Omit<VersionRow, "manifest">[];
    readonly log: readonly RefLogEntry[];
  }[];
}

/** Everything that people see of the models that have a ref, from one state of the catalog, in the order of names, ids and sequence. */
export async function exportCatalog(catalog: Catalog): Promise<CatalogExport> {
  return await catalog.transaction(async (tx) => {
    const models = [];
    for (const model of await tx.models()) {
      const refs = await tx.refs(model);
      models.push({ model, refs, versions: await reached(tx, model, refs), log: await tx.refLog(model) });
    }
    return { models };
  });
}

async function reached(tx: Pick<Catalog, "history">, model: ModelName, refs: readonly RefRow[]) {
  const found = new Map<string, Omit<VersionRow, "manifest">>();
  for (const { version } of refs) for (const { manifest: _, ...row } of await tx.history(model, version, Number.MAX_SAFE_INTEGER)) found.set(row.id, row);
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
