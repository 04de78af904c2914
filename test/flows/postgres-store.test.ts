/** A whole store whose catalog is in PostgreSQL: made, shared, lost, rebuilt, and moved there from SQLite. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { openStore, rebuildStore } from "../../src/store/index.ts";
import { ask, dropAll, newUrl, schemaOf, withoutServer } from "../catalog/postgres.ts";

describe("a store with its catalog in PostgreSQL", withoutServer, () => {
  let folder = "";
  let url = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "holdfast-postgres-"));
    url = newUrl();
    await writeFile(join(folder, "model.bin"), Buffer.alloc(300_000, 7));
  });
  afterEach(async () => {
    await dropAll(url);
    await rm(folder, { recursive: true, force: true });
  });

  /** The folder of a machine, with the settings that all of them share. */
  async function machine(name: string, catalog = url): Promise<string> {
    const store = join(folder, name);
    await mkdir(store, { recursive: true });
    await writeFile(join(store, "holdfast.yaml"), `catalog: ${catalog}\nvolumes:\n  - { name: shared, url: ${join(folder, "volume")} }\n`);
    return store;
  }

  const opened = (store: string, create = true) => openStore({ store, workers: 2, create });
  const model = () => join(folder, "model.bin");

  test("what one machine pushes, another one sees and loads", async () => {
    await using one = await opened(await machine("one"));
    const { version } = await one.push(model(), "acme/chat");
    await using other = await opened(await machine("other"));
    assert.deepEqual(
      (await other.ls()).map((found) => found.model),
      ["acme/chat"],
    );
    await other.pull(`acme/chat@${version}`, join(folder, "pulled"));
    assert.deepEqual(await readFile(join(folder, "pulled", "model.bin")), await readFile(model()));
    assert.equal((await other.doctor()).clean, true);
    await other.remove("acme/chat");
    assert.deepEqual(await one.ls(), []);
    assert.ok((await one.gc({ holdMs: 0, approve: true })).removed > 0);
  });

  test("a catalog that was dropped is not made anew beside its volumes, and comes back by a rebuild", async () => {
    const store = await machine("one");
    {
      await using first = await opened(store);
      await first.push(model(), "acme/chat", { message: "kept" });
    }
    await ask(url, `DROP SCHEMA "${schemaOf(url)}" CASCADE`);
    await assert.rejects(opened(store), { code: "CATALOG_UNREACHABLE" });
    const report = await rebuildStore({ store, workers: 2 });
    assert.deepEqual([report.versions, report.refs, report.lostVersions, report.kept], [1, 1, 0, undefined]);
    await using again = await opened(store);
    assert.deepEqual(
      (await again.log("acme/chat")).map((line) => line.message),
      ["kept"],
    );
    assert.equal((await again.doctor()).clean, true);
  });

  test("a rebuild is refused while the store is open, keeps the catalog that it replaces, and can be done twice", async () => {
    const store = await machine("one");
    {
      await using open = await opened(store);
      await open.push(model(), "acme/chat");
      await assert.rejects(rebuildStore({ store, workers: 2 }), { code: "CATALOG_UNREACHABLE" });
      assert.equal((await open.ls()).length, 1);
    }
    for (const number of [1, 2]) assert.equal((await rebuildStore({ store, workers: 2 })).kept, `${schemaOf(url)}_replaced_${number}`);
    await using again = await opened(store);
    assert.equal((await again.pull("acme/chat", join(folder, "pulled"))).files, 1);
  });

  test("a store moves from SQLite by a change of its setting and a rebuild", async () => {
    const store = await machine("one", "sqlite:catalog.sqlite");
    {
      await using embedded = await opened(store);
      await embedded.push(model(), "acme/chat", { message: "before" });
    }
    await machine("one");
    await assert.rejects(opened(store), { code: "CATALOG_UNREACHABLE" });
    await rebuildStore({ store, workers: 2 });
    await using moved = await opened(store);
    await writeFile(model(), Buffer.alloc(300_000, 8));
    await moved.push(model(), "acme/chat", { message: "after" });
    assert.deepEqual(
      (await moved.log("acme/chat")).map((line) => line.message),
      ["after", "before"],
    );
  });
});
