/** What can be wrong with the file itself: absent, foreign, newer, damaged, locked, replaced. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chunk, digest, domain, hour, main, model, packed, refused, versionId, versionRow, volume } from "../../../../test/catalog/bench.ts";
import { type HoldfastError, isFault } from "../../../core/errors.ts";
import { realWorld } from "../../../core/world/index.ts";
import type { Catalog } from "../catalog.ts";
import { openCatalog } from "../open.ts";
import { openSqliteCatalog } from "./driver.ts";
import { migrate, schemaOf } from "./migrations.ts";
import { Session } from "./session.ts";

const folder = mkdtempSync(join(tmpdir(), "catalog-file-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = () => join(folder, `${++files}.sqlite`);
const create = (path: string, waitMs = 2000) => openSqliteCatalog(path, realWorld, { create: true, waitMs });
const openOld = (path: string) => openSqliteCatalog(path, realWorld, { create: false, waitMs: 200 });

async function filled(path: string): Promise<void> {
  await using catalog = await create(path);
  await fill(catalog);
}

async function fill(catalog: Catalog, chunks = 300): Promise<void> {
  await catalog.setVolume({ name: volume("v1"), url: "/v1", id: digest("v1").slice(0, 32), failureDomain: "a", weight: 1, state: "active" });
  const intent = await catalog.openIntent("op", hour);
  const { id } = await catalog.reserve(intent, { kind: "shard", domain, digest: digest("o"), bytes: 10, replicasWanted: 1, volumes: [volume("v1")] });
  const named = Array.from({ length: chunks }, (_, n) => chunk(`c${n}`));
  await catalog.publish(intent, id, [volume("v1")], named);
  await catalog.addVersion(versionRow(1, id), []);
  await catalog.move({ model, ref: main, expected: undefined, to: versionId(1), opId: "op" });
}

async function advised(promise: Promise<unknown>, code: string, advice: RegExp): Promise<void> {
  await assert.rejects(promise, (error: HoldfastError) => error.code === code && advice.test(error.advice ?? ""));
}

test("a catalog that is not there is not made without being asked to", async () => {
  const path = newPath();
  await advised(openOld(path), "CATALOG_UNREACHABLE", /holdfast rebuild/);
  assert.equal(statSync(path, { throwIfNoEntry: false }), undefined);
});

test("a folder that is not there is named", async () => {
  await assert.rejects(
    create(join(folder, "none", "c.sqlite")),
    (error: HoldfastError) => error.code === "CATALOG_UNREACHABLE" && /folder/.test(error.message),
  );
  const inside = join(newPath(), "c.sqlite");
  writeFileSync(join(inside, ".."), "a file where a folder should be");
  await refused("CATALOG_UNREACHABLE", create(inside));
});

test("a file that is empty, or none of SQLite, is a damaged catalog", async () => {
  const path = newPath();
  writeFileSync(path, "");
  await advised(openOld(path), "CATALOG_CORRUPT", /holdfast rebuild/);
  writeFileSync(path, "x".repeat(9000));
  await advised(openOld(path), "CATALOG_CORRUPT", /holdfast rebuild/);
  await advised(create(path), "CATALOG_CORRUPT", /holdfast rebuild/);
  assert.equal(readFileSync(path, "utf8").length, 9000);
});

test("a database of another program is refused, and left as it is", async () => {
  const path = newPath();
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
  other.close();
  const before = readFileSync(path);
  await refused("CONFIG_INVALID", create(path));
  assert.deepEqual(readFileSync(path), before);
});

test("P12: a newer schema is refused at opening, and by a process that still runs", async () => {
  const path = newPath();
  await using running = await create(path);
  const newer = new DatabaseSync(path);
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  await advised(openOld(path), "STORE_UNSUPPORTED", /newest Holdfast/);
  await refused("STORE_UNSUPPORTED", running.openIntent("op", 1000));
});

test("P12: a step that fails leaves the schema before it, and can be tried again", () => {
  const session = new Session(newPath(), realWorld, "write");
  const one = (on: Session) => on.exec("CREATE TABLE one (x)");
  const half = (on: Session) => {
    on.exec("CREATE TABLE two (x)");
    throw new Error("power");
  };
  assert.throws(() => migrate(session, "path", "id", [one, half]), /power/);
  const tables = () => session.all<{ name: string }>("SELECT name FROM sqlite_schema ORDER BY name").map((row) => row.name);
  assert.deepEqual([schemaOf(session), tables()], [1, ["one"]]);
  migrate(session, "path", "id", [one, (on) => on.exec("CREATE TABLE two (x)")]);
  assert.deepEqual([schemaOf(session), tables()], [2, ["one", "two"]]);
  session.close();
});

test("many that make the catalog at once make one", async () => {
  const path = newPath();
  const catalogs = await Promise.all(Array.from({ length: 6 }, () => create(path)));
  assert.equal(new Set(catalogs.map((catalog) => catalog.clusterId)).size, 1);
  for (const catalog of catalogs) await catalog[Symbol.asyncDispose]();
});

test("a rebuild gives the new catalog its cluster id", async () => {
  const url = `sqlite:${newPath()}`;
  const clusterId = "c".repeat(32);
  await using made = await openCatalog(url, realWorld, { create: true, clusterId });
  await using again = await openCatalog(url, realWorld, { create: true, clusterId: "d".repeat(32) });
  assert.deepEqual([made.clusterId, again.clusterId], [clusterId, clusterId]);
});

test("an unknown scheme is refused", async () => {
  for (const url of ["mysql://x", "sqlite:", "catalog.sqlite", "toString:x", ""])
    await refused("CONFIG_INVALID", openCatalog(url, realWorld, { create: true }));
});

test("R3: the journal is a synced write-ahead log, and foreign keys hold", async () => {
  const path = newPath();
  await filled(path);
  const session = new Session(path, realWorld, "write");
  session.configure();
  const values = ["journal_mode", "synchronous", "foreign_keys"].map((name) => Object.values(session.get<object>(`PRAGMA ${name}`) ?? {})[0]);
  assert.deepEqual(values, ["wal", 2, 1]);
  session.close();
});

test("C6: while another process writes, this one waits in timers and then goes on", async () => {
  const path = newPath();
  await using catalog = await create(path);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const order: string[] = [];
  const write = catalog.openIntent("op", 1000).then(() => order.push("written"));
  for (let n = 0; n < 5; n++) await realWorld.sleep(5, new AbortController().signal);
  order.push("timers ran");
  assert.deepEqual(await catalog.models(), []);
  other.exec("COMMIT");
  other.close();
  await write;
  assert.deepEqual(order, ["timers ran", "written"]);
});

test("C6: a lock that stays is told after the wait, and the catalog works on", async () => {
  const path = newPath();
  await using catalog = await create(path, 60);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await refused("CATALOG_UNREACHABLE", catalog.openIntent("op", 1000));
  other.exec("ROLLBACK");
  other.close();
  await catalog.openIntent("op", 1000);
});

test("a call on the catalog from inside its transaction is told, not waited for", async () => {
  await using catalog = await create(newPath(), 60);
  const wrong = catalog.transaction(async () => {
    await catalog.openIntent("op", 1000);
  });
  await advised(wrong, "CATALOG_UNREACHABLE", /only the roles/);
  await catalog.openIntent("op", 1000);
});

test("nothing is written to a catalog that was removed or replaced", async () => {
  const path = newPath();
  await using catalog = await create(path);
  await fill(catalog);
  renameSync(path, `${path}.old`);
  await refused("CATALOG_UNREACHABLE", catalog.openIntent("late", 1000));
  writeFileSync(path, "");
  await refused("CATALOG_UNREACHABLE", catalog.openIntent("late", 1000));
  unlinkSync(path);
  renameSync(`${path}.old`, path);
  await catalog.openIntent("late", 1000);
});

const program = (name: string) => fileURLToPath(new URL(`../../../../test/catalog/${name}`, import.meta.url));

test("D15: a file or folder that may not be written is told as denied", (context) => {
  const root = process.getuid?.() === 0;
  const as = root ? { uid: 65534, gid: 65534 } : {};
  const tried = spawnSync(process.execPath, ["-e", `require("node:fs").accessSync(${JSON.stringify(program("denied.ts"))})`], as);
  if (!process.getuid || tried.status !== 0) return context.skip("another user cannot run the sources where they lie, or there are no users");
  const place = join(folder, "denied");
  mkdirSync(place);
  for (const name of ["read-only.sqlite", "no-one.sqlite"]) writeFileSync(join(place, name), "");
  chmodSync(join(place, "read-only.sqlite"), 0o444);
  chmodSync(join(place, "no-one.sqlite"), 0);
  for (const path of [folder, place]) chmodSync(path, 0o555);
  const paths = ["read-only.sqlite", "no-one.sqlite", "new.sqlite"].map((name) => join(place, name));
  const { stdout } = spawnSync(process.execPath, [program("denied.ts"), ...paths], { ...as, encoding: "utf8" });
  for (const path of [folder, place]) chmodSync(path, 0o755);
  assert.deepEqual(JSON.parse(stdout), ["ACCESS_DENIED", "ACCESS_DENIED", "ACCESS_DENIED"]);
});

test("D4: no space left is told as full, nothing is changed, and the catalog works on", (context) => {
  const place = join(folder, "full");
  mkdirSync(place);
  const script = 'mount -t tmpfs -o size=1m none "$1" || exit 77; exec "$2" "$3" "$1"';
  const run = spawnSync("unshare", ["-rm", "sh", "-c", script, "sh", place, process.execPath, program("full.ts")], { encoding: "utf8" });
  if (run.error || run.status === 77 || /unshare failed/.test(run.stderr)) return context.skip("a small file system cannot be mounted here");
  const { code, stored, whileFull, after } = JSON.parse(run.stdout || run.stderr);
  assert.equal(code, "VOLUME_FULL");
  assert.ok(stored > 3);
  assert.deepEqual([whileFull, after], [stored, stored + 1]);
});

test("D7: wherever a byte of the file is flipped, every answer is an answer or a typed error", async () => {
  const path = newPath();
  await filled(path);
  const whole = readFileSync(path);
  let corrupt = 0;
  for (let round = 0; round < 60; round++) {
    const damaged = Buffer.from(whole);
    const at = round < 20 ? round * 5 : Math.floor(((round - 20) / 40) * damaged.length) + (round % 97);
    damaged[at] = (damaged[at] as number) ^ (1 << (round % 8));
    const bad = newPath();
    writeFileSync(bad, damaged);
    corrupt += await readAll(bad);
  }
  assert.ok(corrupt > 0, "no flip was noticed");
});

/** One when the damage was noticed. Anything but a fault is thrown. */
async function readAll(path: string): Promise<number> {
  try {
    await using catalog = await openOld(path);
    await catalog.models();
    await catalog.refLog(model);
    await catalog.history(model, versionId(1), 10);
    await catalog.places(domain, packed(...Array.from({ length: 300 }, (_, n) => `c${n}`)));
    await catalog.garbage();
    await catalog.needingRepair(undefined, 10);
    await catalog.transaction((tx) => tx.condemn());
    return 0;
  } catch (error) {
    if (!isFault(error)) throw error;
    return isFault(error, "CATALOG_CORRUPT") ? 1 : 0;
  }
}

test("a file that was cut off is a damaged catalog", async () => {
  const path = newPath();
  await filled(path);
  truncateSync(path, 4096 * 3);
  assert.equal(await readAll(path), 1);
});
