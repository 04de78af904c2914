/** PostgreSQL killed (-9) in the middle of commits, again and again, while processes push: no version lost, none doubled. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { realWorld } from "../../src/core/world/index.ts";
import { openCatalog } from "../../src/places/catalog/index.ts";
import { LineCutter } from "../lines/line-cutter.ts";
import { Holdfast } from "./command.ts";
import { type Place, show } from "./place.ts";
import { KillableServer } from "./postgres-server.ts";
import { assertSame, digestsOf } from "./trees.ts";

/** What the command may end with while the database is away: it could not be reached. Anything else is a failure of ours. */
const unreachable = 7;
/** A kill comes at one commit of about so many, so that those of reservations, of shards and of versions all have their turn. */
const commitsPerKill = 5;
/** The message that commits ends in it. */
const commit = /; *COMMIT/;
const pulledPerProcess = 3;

interface Pushed {
  readonly message: string;
  readonly version: string;
  readonly sha256: string;
}

export const postgresKills = show({
  says: "PostgreSQL is killed in the middle of commits while processes push: no version is lost, none doubled, and all of them load",
  full: { kills: 100, processes: 4, fileBytes: 300_000 },
  small: { kills: 3, processes: 4, fileBytes: 50_000 },
  async run(place, { kills, processes, fileBytes }) {
    await using server = await KillableServer.start(place.say);
    await using line = await LineCutter.before(server.address);
    const holdfast = await storeOver(place, server, line);
    await holdfast.ok(["ls"]).catch(() => undefined); // makes nothing yet, and shows early what is wrong
    const over = new AbortController();
    const pushers = Array.from({ length: processes }, (_, number) => pushOn(holdfast, place.folder, number, fileBytes, over.signal));
    const failed = Promise.all(pushers);
    const killed = await Promise.race([killAtCommits(server, line, kills, place.say), failed.then(() => assert.fail("the pushes ended by themselves"))]);
    over.abort();
    const pushed = await failed;
    place.say(`${killed.whole} times with all its backends, ${killed.alone} times alone; ${pushed.flat().length} pushes were acknowledged`);
    for (const [number, own] of pushed.entries()) await assertHistory(holdfast, place, number, own);
    await assertLog(server, pushed.flat());
    const { clean } = await holdfast.ok<{ clean: boolean }>(["doctor"]);
    assert.ok(clean, "doctor is content");
    place.say("every acknowledged version is there once, the ref log has no gap, doctor is content");
  },
});

async function storeOver(place: Place, server: KillableServer, line: LineCutter): Promise<Holdfast> {
  const holdfast = new Holdfast(place.folder, "store", server.environment);
  await mkdir(holdfast.store, { recursive: true });
  const settings = `catalog: ${line.through(server.address)}\nreplicas: 2\nvolumes:\n  - { name: a, url: volumes/a }\n  - { name: b, url: volumes/b }\n`;
  await writeFile(join(holdfast.store, "holdfast.yaml"), settings);
  return holdfast;
}

/** One process after the other, each with something new, pushed again until it is acknowledged. */
async function pushOn(holdfast: Holdfast, folder: string, number: number, fileBytes: number, signal: AbortSignal): Promise<Pushed[]> {
  const source = join(folder, `source-${number}`);
  await mkdir(source);
  const pushed: Pushed[] = [];
  while (!signal.aborted) {
    const body = randomBytes(fileBytes);
    await writeFile(join(source, "weights.bin"), body);
    const message = `push ${pushed.length} of ${number}`;
    pushed.push({ message, version: await acknowledged(holdfast, source, number, message), sha256: createHash("sha256").update(body).digest("hex") });
  }
  return pushed;
}

async function acknowledged(holdfast: Holdfast, source: string, number: number, message: string): Promise<string> {
  for (;;) {
    const { exitCode, json, stderr } = await holdfast.run(["push", source, `acme/model@p${number}`, "-m", message], { timeoutMs: 180_000 });
    if (exitCode === 0) return json?.version as string;
    assert.equal(exitCode, unreachable, `${message}: ${stderr}`);
  }
}

/** Each kill comes when a commit has just been sent on; then the server is started again and given time to serve. */
async function killAtCommits(server: KillableServer, line: LineCutter, kills: number, say: Place["say"]) {
  const times = { whole: 0, alone: 0 };
  for (let number = 1; number <= kills; number++) {
    const whole = number % 2 === 1;
    await nextCommit(line);
    await server.kill(whole);
    times[whole ? "whole" : "alone"]++;
    await server.start();
    if (number % 10 === 0) say(`${number} kills`);
    await sleep(50 + Math.random() * 500);
  }
  return times;
}

function nextCommit(line: LineCutter): Promise<void> {
  let left = Math.floor(Math.random() * commitsPerKill);
  return new Promise((resolve) => {
    line.judge = (message) => {
      // The message goes on its way first: the server is killed with it in its hands, or just after it has answered.
      if (commit.test(message) && left-- <= 0) setImmediate(resolve);
      return "pass";
    };
  });
}

interface Line {
  readonly version: string;
  readonly message: string;
}

async function assertHistory(holdfast: Holdfast, { folder }: Place, number: number, own: readonly Pushed[]): Promise<void> {
  const { versions } = await holdfast.ok<{ versions: readonly Line[] }>(["log", `acme/model@p${number}`, "--limit", "100000"]);
  const told = versions.map(({ version, message }) => ({ version, message })).reverse();
  assert.deepEqual(told, own.map(({ version, message }) => ({ version, message }))); // biome-ignore format: one line
  const step = Math.max(1, Math.floor(own.length / pulledPerProcess));
  for (const [at, { version, sha256 }] of own.entries())
    if (at % step === 0 || at === own.length - 1) {
      const target = join(folder, `pulled-${number}-${at}`);
      await holdfast.pull(`acme/model@${version}`, target);
      assertSame(await digestsOf(target), new Map([["weights.bin", sha256]]), version);
    }
}

/** In the catalog itself: one move for each version, numbered without gaps. */
async function assertLog(server: KillableServer, pushed: readonly Pushed[]): Promise<void> {
  process.env.PGPASSWORD = server.environment.PGPASSWORD;
  await using catalog = await openCatalog(server.address, realWorld, { create: false });
  const log = await catalog.changes(0, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(log.map((entry) => entry.to).sort(), pushed.map(({ version }) => version).sort()); // biome-ignore format: one line
  assert.deepEqual(log.map((entry) => entry.sequence), log.map((_, index) => index + 1)); // biome-ignore format: one line
  assert.deepEqual(await catalog.unwrittenLog(10), []);
}
