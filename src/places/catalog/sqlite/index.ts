/** SQLite in the registry: a catalog is a file. */
import { rm } from "node:fs/promises";
import { isThere } from "../../../machine/is-there.ts";
import type { CatalogDriver } from "../catalog-driver.ts";
import { openSqliteCatalog } from "./driver.ts";
import { swapSqliteCatalog } from "./swap.ts";

const pathOf = (url: string): string => url.slice(url.indexOf(":") + 1);

export const driver: CatalogDriver = {
  isThere: (url) => isThere(pathOf(url)),
  open: (url, world, options) => openSqliteCatalog(pathOf(url), world, options),
  besideOf: (url) => `${url}.rebuilding`,
  swap: (fresh, url, world) => swapSqliteCatalog(pathOf(fresh), pathOf(url), world),
  discard: async (url) => {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(pathOf(url) + suffix, { force: true });
  },
};
