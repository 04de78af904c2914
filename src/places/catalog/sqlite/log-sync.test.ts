import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { refused } from "../../../../test/catalog/bench.ts";
import { realWorld } from "../../../core/world/index.ts";
import { Engine } from "./engine.ts";
import { type Log, LogSync } from "./log-sync.ts";
import { migrate } from "./migrations.ts";
import { Session } from "./session.ts";

/** A log whose syncs end when the test says so. */
class HeldLog implements Log {
  readonly running: PromiseWithResolvers<void>[] = [];

  sync(): Promise<void> {
    const held = Promise.withResolvers<void>();
    this.running.push(held);
    return held.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const turns = async (): Promise<void> => {
  for (let n = 0; n < 10; n++) await Promise.resolve();
};

const roundsMax = 1000;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; !(await holds()); round++) {
    assert.ok(round < roundsMax, `${holds} came true`);
    await turns();
  }
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-log-"));
let made = 0;

after(() => rmSync(folder, { recursive: true }));

function engineOn(log: Log): Engine {
  const path = join(folder, `catalog-${made++}.sqlite`);
  const open = (use: "read" | "write") => new Session(path, realWorld, use);
  const [writer, reader] = [open("write"), open("read")];
  writer.exec("PRAGMA journal_mode = WAL");
  writer.configure();
  migrate(writer, path, "c".repeat(32));
  writer.leaveSyncing();
  reader.configure();
  return new Engine({ path, world: realWorld, waitMs: 1000, writer, reader, log: new LogSync(path, log) });
}

test("a commit that comes while a sync runs waits for the next, and those that come together share it", async () => {
  const log = new HeldLog();
  const sync = new LogSync("path", log);
  const done: string[] = [];
  const waiting = ["a", "b", "c"].map((name) => {
    const synced = sync.synced().then(() => done.push(name));
    return name === "a" ? turns().then(() => synced) : synced;
  });
  await turns();
  assert.equal(log.running.length, 1);
  const late = sync.synced().then(() => done.push("late"));
  const later = sync.synced().then(() => done.push("later"));
  await turns();
  log.running[0]?.resolve();
  await Promise.all(waiting);
  await turns();
  assert.deepEqual([done, log.running.length], [["a", "b", "c"], 2]);
  log.running[1]?.resolve();
  await Promise.all([late, later]);
  assert.deepEqual(done, ["a", "b", "c", "late", "later"]);
});

test("R3: a transaction is acknowledged when its log is on the disk, and the next may begin before", async () => {
  const log = new HeldLog();
  const engine = engineOn(log);
  const acknowledged: string[] = [];
  const first = engine.write((session) => session.run("UPDATE meta SET generation = 1")).then(() => acknowledged.push("first"));
  await until(() => log.running.length > 0);
  const generation = () => engine.read((session) => session.get<{ generation: number }>("SELECT generation FROM meta")?.generation);
  const second = engine
    .transaction((runner) => runner.write((session) => session.run("UPDATE meta SET generation = 2")))
    .then(() => acknowledged.push("second"));
  await until(async () => (await generation()) === 2);
  assert.deepEqual(acknowledged, []);
  log.running[0]?.resolve();
  await first;
  assert.deepEqual(acknowledged, ["first"]);
  await until(() => log.running.length > 1);
  log.running[1]?.resolve();
  await second;
  await engine.close();
});

test("after a sync that failed nothing is read or written any more", async () => {
  const log = new HeldLog();
  const engine = engineOn(log);
  const write = refused(
    "CATALOG_UNREACHABLE",
    engine.write((session) => session.run("UPDATE meta SET generation = 1")),
  );
  await until(() => log.running.length > 0);
  log.running[0]?.reject(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
  await write;
  await refused(
    "CATALOG_UNREACHABLE",
    engine.write((session) => session.run("UPDATE meta SET generation = 2")),
  );
  await refused(
    "CATALOG_UNREACHABLE",
    engine.read((session) => session.now()),
  );
  assert.equal(log.running.length, 1);
  await engine.close();
});

test("a catalog that is closed answers first those that wait for the disk", async () => {
  const log = new HeldLog();
  const engine = engineOn(log);
  const ended: string[] = [];
  const write = engine.write((session) => session.run("UPDATE meta SET generation = 1")).then(() => ended.push("written"));
  await until(() => log.running.length > 0);
  const close = engine.close().then(() => ended.push("closed"));
  await turns();
  log.running[0]?.resolve();
  await Promise.all([write, close]);
  assert.deepEqual(ended, ["written", "closed"]);
});
