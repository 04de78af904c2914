import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CatalogPlace } from "../../../../test/catalog/bench.ts";
import { catalogConformance } from "../conformance.ts";
import { openCatalog } from "../open.ts";

/** Thousands of synced commits: in memory where the system has a file system for that. */
const folders = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

async function newPlace(): Promise<CatalogPlace> {
  const folder = await mkdtemp(join(folders, "catalog-"));
  const url = `sqlite:${join(folder, "catalog.sqlite")}`;
  return {
    url,
    open: (world) => openCatalog(url, world, { create: true }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

catalogConformance("sqlite", newPlace);
