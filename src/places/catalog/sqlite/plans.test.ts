/** How SQLite will find the rows of every statement that the roles use: big tables are searched, never walked. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { Bench } from "../../../../test/catalog/bench.ts";
import { useEveryRole } from "../../../../test/catalog/every-role.ts";
import { openSqliteCatalog } from "./driver.ts";

const folder = mkdtempSync(join(tmpdir(), "catalog-plans-"));
const path = join(folder, "c.sqlite");
const statements = new Set<string>();
const prepare = DatabaseSync.prototype.prepare;

before(async () => {
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string): StatementSync {
    statements.add(sql);
    return prepare.call(this, sql);
  };
  await using bench = await Bench.make(async () => ({
    url: `sqlite:${path}`,
    open: (world) => openSqliteCatalog(path, world, { create: true }),
    [Symbol.asyncDispose]: async () => undefined,
  }));
  await useEveryRole(bench);
});

after(() => {
  DatabaseSync.prototype.prepare = prepare;
  rmSync(folder, { recursive: true });
});

/** What a statement may walk from end to end: tables that stay small, and those of the statement's own making. */
const walked =
  /^SCAN (?:asked|live|line|json_each|meta|volume|intent|r|p USING COVERING INDEX version_pin_version|(?:o|object) USING (?:COVERING )?INDEX object_deleting)\b/;
/** Statements that look at the whole store, by nature: they walk objects, or refs, in order, and search the rest. */
const whole = /SELECT count\(\*\)|UPDATE object AS o SET state = 'condemned'|^\s*WITH RECURSIVE live|FROM sqlite_schema/;

function plan(database: DatabaseSync, sql: string): string[] {
  return (prepare.call(database, `EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map((row) => row.detail);
}

const explained = () => [...statements].filter((sql) => /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)/.test(sql));

test("the statements of every role were seen", () => {
  for (const table of ["chunk", "object", "replica", "volume", "version", "need", "ref", "ref_log", "pin", "version_pin", "intent", "outcome"])
    assert.ok(
      explained().some((sql) => new RegExp(`\\b${table}\\b`).test(sql)),
      table,
    );
  assert.ok(statements.size > 60, `${statements.size} statements`);
});

test("chunks, needs, pins, replicas, versions and the log are searched, never walked", () => {
  const database = new DatabaseSync(path);
  for (const sql of explained()) {
    const scans = plan(database, sql).filter((line) => line.startsWith("SCAN") && !walked.test(line));
    const allowed = whole.test(sql) ? /^SCAN (?:o|object|r|ref|version|sqlite_master)\b/ : /^SCAN ref$/;
    const wrong = scans.filter((line) => !allowed.test(line));
    assert.deepEqual(wrong, [], sql);
  }
  database.close();
});

test("no statement sorts, but those over a handful of rows", () => {
  const database = new DatabaseSync(path);
  const sorting = explained().filter((sql) => plan(database, sql).some((line) => /TEMP B-TREE FOR (?:ORDER|GROUP)/.test(line)));
  for (const sql of sorting) assert.match(sql, /json_each|RECURSIVE line|RECURSIVE live|FROM ref_log WHERE model/, sql);
  database.close();
});
