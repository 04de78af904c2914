/** Fills the disk under a catalog: `full.ts FOLDER`, on a small file system of its own. Prints what happened as JSON. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFault } from "../../src/core/errors.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { type Catalog, openCatalog } from "../../src/places/catalog/index.ts";
import { chunk, digest, domain, hour, volume } from "./bench.ts";

const folder = process.argv[2] ?? "";
const ballast = join(folder, "ballast");
writeFileSync(ballast, Buffer.alloc(512 * 1024));
await using catalog = await openCatalog(`sqlite:${join(folder, "c.sqlite")}`, realWorld, { create: true });
await catalog.setVolume({ name: volume("v1"), url: "/v1", id: digest("v1").slice(0, 32), failureDomain: "a", weight: 1, state: "active" });

const { stored, code } = await storeUntilRefused(catalog);
const whileFull = (await catalog.totals()).objects;
rmSync(ballast);
await storeOne(catalog, stored);
process.stdout.write(JSON.stringify({ code, stored, whileFull, after: (await catalog.totals()).objects }));

async function storeUntilRefused(on: Catalog) {
  for (let n = 0; n < 1000; n++)
    try {
      await storeOne(on, n);
    } catch (error) {
      if (isFault(error)) return { stored: n, code: error.code };
      throw error;
    }
  throw new Error("the disk never filled up");
}

async function storeOne(on: Catalog, n: number): Promise<void> {
  await on.transaction(async (tx) => {
    const intent = await tx.openIntent(`op ${n}`, hour);
    const { id } = await tx.reserve(intent, { kind: "shard", domain, digest: digest(`${n}`), bytes: 1, replicasWanted: 1, volumes: [volume("v1")] });
    const chunks = Array.from({ length: 50 }, (_, k) => chunk(`${n} ${k}`));
    await tx.publish(intent, id, [volume("v1")], chunks);
  });
}
