import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isFault } from "../../src/core/errors.ts";
import { realWorld, type World } from "../../src/core/world/index.ts";
import { lockTarget } from "../../src/flows/target-lock.ts";
import { ownMark } from "../../src/machine/process-mark.ts";
import { never } from "./stand.ts";

const root = await mkdtemp(join(tmpdir(), "holdfast-lock-"));
after(() => rm(root, { recursive: true }));
let serial = 0;

async function freshFolder(lock?: string): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = join(root, String(++serial));
  const path = join(folder, ".holdfast", `lock-${realWorld.id()}`);
  await mkdir(join(folder, ".holdfast"), { recursive: true });
  if (lock !== undefined) await writeFile(path, lock);
  return { folder, path };
}

async function locksIn(folder: string): Promise<string[]> {
  return (await readdir(join(folder, ".holdfast"))).filter((name) => !name.endsWith(".wish"));
}

const isBusy = (error: unknown): boolean => isFault(error, "TARGET_BUSY");

/** What happens while somebody waits. */
function worldThat(sleeps: () => Promise<unknown>): World & { ahead: number } {
  return {
    ...realWorld,
    ahead: 0,
    ticks() {
      return realWorld.ticks() + this.ahead;
    },
    async sleep(ms, signal) {
      if (ms >= 2000) return realWorld.sleep(ms, signal); // the beat of a lock that is held
      this.ahead += ms;
      await sleeps();
    },
  };
}

const elsewhere = JSON.stringify({ ...ownMark(), place: "another machine" });

test("a folder has one load at a time, and is free again when that ends", async () => {
  const { folder } = await freshFolder();
  const first = await lockTarget(folder, realWorld, never);
  await assert.rejects(lockTarget(folder, realWorld, never), isBusy);
  assert.equal((await locksIn(folder)).length, 1);
  await first[Symbol.asyncDispose]();
  assert.deepEqual(await locksIn(folder), []);
  await (await lockTarget(folder, realWorld, never))[Symbol.asyncDispose]();
});

test("what a killed process left keeps nobody out, and what a running one has does", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const { folder } = await freshFolder(JSON.stringify({ ...ownMark(), pid: child.pid, started: "" }));
  await assert.rejects(lockTarget(folder, realWorld, never), isBusy);
  child.kill("SIGKILL");
  await once(child, "exit");
  await using _ = await lockTarget(folder, realWorld, never);
});

test("a process that has the number of the dead one is not taken for it", {
  skip: process.platform === "linux" ? false : "start times are read from /proc",
}, async () => {
  const { folder } = await freshFolder(JSON.stringify({ ...ownMark(), started: "1" }));
  await using _ = await lockTarget(folder, realWorld, never);
});

test("a lock from elsewhere is respected while it beats", async () => {
  const { folder, path } = await freshFolder(elsewhere);
  let beats = 0;
  const world = worldThat(() => utimes(path, new Date(), new Date(1000 * ++beats)));
  await assert.rejects(lockTarget(folder, world, never), isBusy);
  assert.equal(await readFile(path, "utf8"), elsewhere);
});

test("a lock from elsewhere that stands still, or is no lock at all, is taken over", async () => {
  for (const left of [elsewhere, "", "{", "[]", "4711", '{"pid":-1}']) {
    const { folder, path } = await freshFolder(left);
    await using _ = await lockTarget(
      folder,
      worldThat(() => Promise.resolve()),
      never,
    );
    assert.ok(!existsSync(path), left);
    assert.equal((await locksIn(folder)).length, 1);
  }
});

test("of many that find a stale lock, one gets the folder", async () => {
  for (let round = 0; round < 20; round++) {
    const { folder } = await freshFolder(JSON.stringify({ ...ownMark(), place: "gone", pid: 1 }));
    const world = worldThat(() => realWorld.sleep(1 + realWorld.random() * 5, never));
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockTarget(folder, world, never)));
    const got = tries.filter((one) => one.status === "fulfilled");
    for (const { value } of got) await value[Symbol.asyncDispose]();
    assert.equal(got.length, 1, String(round));
    assert.deepEqual(await readdir(join(folder, ".holdfast")), []);
  }
});

test("a lock that is held beats", async () => {
  const { folder } = await freshFolder();
  let seconds = 0;
  const world: World = { ...realWorld, now: () => 1000 * ++seconds, sleep: (_, signal) => realWorld.sleep(1, signal) };
  await using _ = await lockTarget(folder, world, never);
  const [name] = await locksIn(folder);
  const touchedAt = async (): Promise<number> => (await stat(join(folder, ".holdfast", name as string))).mtimeMs;
  for (const before = await touchedAt(); (await touchedAt()) === before; ) await realWorld.sleep(5, never);
});

test("a wait for a lock can be cancelled, and leaves nothing behind", async () => {
  const { folder } = await freshFolder(elsewhere);
  const stop = new AbortController();
  const wait = lockTarget(folder, realWorld, stop.signal);
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(wait, (error) => isFault(error, "CANCELLED"));
  assert.equal((await locksIn(folder)).length, 1);
});
