import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { Bench } from "../../../../test/catalog/bench.ts";
import { openCatalog } from "../open.ts";

const folder = mkdtempSync(join(tmpdir(), "catalog-inspection-"));
after(() => rmSync(folder, { recursive: true }));

test("rows that name rows which are gone are problems of the tables", async () => {
  const path = join(folder, "catalog.sqlite");
  const place = {
    url: `sqlite:${path}`,
    open: (world: Parameters<typeof openCatalog>[1]) => openCatalog(`sqlite:${path}`, world, { create: true }),
    [Symbol.asyncDispose]: async () => {},
  };
  await using bench = await Bench.make(async () => place);
  await bench.addVersion(1);
  const raw = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  raw.exec("DELETE FROM object");
  raw.close();
  const problems = await bench.catalog.tableProblems();
  assert.ok(problems.some((line) => /version.*object/.test(line)), problems.join("; ")); // biome-ignore format: one line
});
