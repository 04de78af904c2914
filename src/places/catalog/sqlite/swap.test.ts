import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { model, refused, versionId } from "../../../../test/catalog/bench.ts";
import { realWorld } from "../../../core/world/index.ts";
import type { Catalog } from "../catalog.ts";
import { openCatalog, swapCatalog } from "../open.ts";
import { swapSqliteCatalog } from "./swap.ts";

const folder = mkdtempSync(join(tmpdir(), "catalog-swap-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A path with a catalog that knows one outcome under its name. */
async function made(name: string): Promise<string> {
  const path = join(folder, `${++files}-${name}.sqlite`);
  await using catalog = await opened(path, true);
  await catalog.recordOutcome(name, model, versionId(name));
  return path;
}

const opened = (path: string, create = false): Promise<Catalog> => openCatalog(`sqlite:${path}`, realWorld, { create });
const swap = (fresh: string, path: string) => swapSqliteCatalog(fresh, path, realWorld, 50);

async function knows(path: string, name: string): Promise<boolean> {
  await using catalog = await opened(path);
  return (await catalog.outcome(name)) !== undefined;
}

test("the fresh catalog is in the place of the old one, which is kept", async () => {
  const [old, fresh] = [await made("old"), await made("fresh")];
  const kept = await swap(fresh, old);
  assert.ok(kept);
  assert.deepEqual([await knows(old, "fresh"), await knows(old, "old"), await knows(kept, "old")], [true, false, true]);
  assert.ok(!existsSync(fresh));
});

test("a catalog that was lost leaves nothing to keep", async () => {
  const path = join(folder, "lost.sqlite");
  assert.equal(await swap(await made("fresh"), path), undefined);
  assert.ok(await knows(path, "fresh"));
});

test("a damaged catalog with its journal is kept as it is, and the journal never meets the new file", async () => {
  const path = join(folder, "damaged.sqlite");
  writeFileSync(path, "x".repeat(9000));
  writeFileSync(`${path}-wal`, "journal");
  const first = await swap(await made("one"), path);
  const second = await swap(await made("two"), path);
  assert.ok(first && second && first !== second);
  assert.ok(existsSync(`${first}-wal`) && !existsSync(`${path}-wal`));
  assert.ok(await knows(path, "two"));
});

test("what a dead process left in the journal is kept too", async () => {
  const path = await made("old");
  const dying = await opened(path);
  await dying.recordOutcome("late", model, versionId("late"));
  const copy = join(folder, "copy.sqlite");
  for (const suffix of ["", "-wal"]) writeFileSync(copy + suffix, readFileSync(path + suffix));
  await dying[Symbol.asyncDispose]();
  const kept = await swap(await made("fresh"), copy);
  assert.ok(kept && (await knows(kept, "late")));
});

test("nothing is swapped while someone has one of the two open", async () => {
  for (const held of ["old", "fresh"]) {
    const paths = { old: await made("old"), fresh: await made("fresh") };
    const other = new DatabaseSync(paths[held as keyof typeof paths]);
    other.exec("SELECT * FROM meta");
    await refused("CATALOG_UNREACHABLE", swap(paths.fresh, paths.old));
    other.close();
    assert.ok(await knows(paths.old, "old"));
    assert.ok(await swap(paths.fresh, paths.old));
  }
});

test("what is no catalog is not put in place of one", async () => {
  const old = await made("old");
  await refused("CATALOG_UNREACHABLE", swap(join(folder, "none.sqlite"), old));
  const empty = join(folder, "empty.sqlite");
  writeFileSync(empty, "");
  await refused("STORE_UNSUPPORTED", swap(empty, old));
  writeFileSync(empty, "x".repeat(9000));
  await refused("CATALOG_CORRUPT", swap(empty, old));
  assert.ok(await knows(old, "old"));
});

test("a catalog takes the place of one of its own kind only", async () => {
  const [old, fresh] = [await made("old"), await made("fresh")];
  await refused("CONFIG_INVALID", swapCatalog(`sqlite:${fresh}`, "postgres://b", realWorld));
  assert.ok(await swapCatalog(`sqlite:${fresh}`, `sqlite:${old}`, realWorld));
});
