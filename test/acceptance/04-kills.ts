/** SIGKILL at any moment: the next run goes on where the killed one was, the store is well, and nothing that was acknowledged is lost. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomFrom } from "../../src/bytes/kernels/specimens.ts";
import { type Ended, Holdfast, type Pulled, patience, type Running } from "./command.ts";
import { type MadeModel, makeModel } from "./make/model.ts";
import { makeVariants, type Variant } from "./make/variants.ts";
import { type Place, percent, show } from "./place.ts";
import { assertSame, blockBytesUnder, digestsOf } from "./trees.ts";
import { leftovers, pick, writeSettings } from "./volumes.ts";

/** Of the bytes that were there when it was killed, a second run may need this share of the whole again. */
const againMax = 0.02;
const killAt = 0.6;

export const kills = show({
  says: "a pull or push killed at 60 % goes on from there; killed at any moment, the store is well and all that was acknowledged loads",
  // Windows and shards under way are lost by a kill: about 64 MB, which is more than 2 % of a small model.
  full: { modelBytes: 4e9, underWayBytes: 0, kills: 200, variantBytes: 12e6 },
  small: { modelBytes: 160e6, underWayBytes: 64e6, kills: 12, variantBytes: 4e6 },
  async run(place, sizes) {
    const source = join(place.folder, "model");
    const model = await makeModel(source, { bytes: sizes.modelBytes, parts: 4, seed: 4 });
    const slack = Math.max(againMax, sizes.underWayBytes / sizes.modelBytes);
    const whole = await killedPush(place, source, model, slack);
    await killedPull(place, whole, model, slack);
    await rm(source, { recursive: true });
    await killedAnywhere(place, sizes.kills, await makeVariants(place.folder, 4, sizes.variantBytes));
  },
});

/** Kills the command as soon as `done` says that there is enough. */
async function killWhen(running: Running, done: () => Promise<number>): Promise<number> {
  while (!running.over) {
    const share = await done();
    if (share >= killAt && !running.over) {
      await running.kill();
      return done();
    }
    await sleep(1);
  }
  const { exitCode, stderr } = await running.ended;
  assert.fail(`it ended with ${exitCode} before it could be killed: ${stderr}`);
}

/** Returns the store that has the model. */
async function killedPush({ folder, say }: Place, source: string, model: MadeModel, slack: number): Promise<Holdfast> {
  const wait = patience(model.bytes * 3);
  const whole = new Holdfast(folder, "whole");
  const first = await whole.push(source, "acme/model", [], wait);
  const killed = new Holdfast(folder, "killed");
  const shards = join(killed.store, "volumes", "main", "shard");
  const at = await killWhen(killed.start(["push", source, "acme/model"], wait), async () => (await blockBytesUnder(shards)) / first.storedBytes);
  const second = await killed.push(source, "acme/model", [], wait);
  const again = second.newBytes / first.newBytes;
  say(`push killed at ${percent(at)}: the second stored ${percent(again)}, so ${percent(at + again - 1)} again`);
  assert.ok(again <= 1 - killAt + slack, `the second push stored ${percent(again)}`);
  assert.equal(second.version, first.version);
  await assertWell(killed);
  await rm(killed.store, { recursive: true });
  return whole;
}

async function killedPull({ folder, say }: Place, holdfast: Holdfast, model: MadeModel, slack: number): Promise<void> {
  const wait = patience(model.bytes * 3);
  const first = await holdfast.pull("acme/model", join(folder, "first"), [], wait);
  await rm(join(folder, "first"), { recursive: true });
  const target = join(folder, "target");
  const at = await killWhen(holdfast.start(["pull", "acme/model", target], wait), async () => (await blockBytesUnder(target)) / model.bytes);
  const second = await holdfast.pull("acme/model", target, [], wait);
  const again = second.fetchedBytes / first.fetchedBytes;
  say(`pull killed at ${percent(at)}: the second fetched ${percent(again)}, so ${percent(at + again - 1)} again`);
  assert.ok(again <= 1 - killAt + slack, `the second pull fetched ${percent(again)}`);
  assertSame(await digestsOf(target), model.digests, "the pull that went on");
  await assertWell(holdfast);
  await rm(target, { recursive: true });
  await rm(holdfast.store, { recursive: true });
}

async function assertWell(holdfast: Holdfast): Promise<void> {
  const { exitCode, json, stderr } = await holdfast.run(["doctor"]);
  assert.equal(exitCode, 0, `doctor: ${stderr}${JSON.stringify(json)}`);
  assert.equal(json?.clean, true, JSON.stringify(json));
}

/** The last moment at which a command is killed, in times that it needs when it is left alone: some are to end first. */
const killedUntil = 1.2;

/** Commands of all kinds, each killed at a random moment of the time that it needs. */
async function killedAnywhere({ folder, say }: Place, count: number, variants: readonly Variant[]): Promise<void> {
  const holdfast = new Holdfast(folder, "anywhere");
  const volumes = await writeSettings(holdfast.store, 3);
  const random = randomFrom(44);
  const acknowledged = new Map<string, Variant>();
  const target = join(folder, "anywhere-target");
  const tally = new Map<string, { killed: number; ended: number }>();
  const secondsOf = new Map<string, number>();
  let left = count;
  for (let index = 0; left > 0 && index < 2 * count + kinds.length; index++) {
    const verb = kinds[index] ?? pick(kinds, random);
    const variant = pick(variants, random);
    const running = holdfast.start(wordsOf(verb, variant.folder, index, target));
    const seconds = secondsOf.get(verb);
    const ended = seconds === undefined ? await running.ended : await killAfter(running, random() * seconds * 1000 * killedUntil);
    const one = tally.get(verb) ?? { killed: 0, ended: 0 };
    tally.set(verb, one);
    if (ended.exitCode === null) {
      one.killed++;
      left--;
    } else {
      assert.equal(ended.exitCode, 0, `${verb}: ${ended.stderr}`);
      one.ended++;
      secondsOf.set(verb, ended.seconds);
      if (verb === "push") acknowledged.set(ended.json?.version as string, variant);
    }
    await assertWell(holdfast);
  }
  assert.equal(left, 0, "too many commands ended before they could be killed");
  say([...tally].map(([verb, { killed, ended }]) => `${verb}: ${killed} killed, ${ended} ended first`).join("; "));
  for (const [version, variant] of acknowledged) await assertLoads(holdfast, version, variant, target);
  say(`doctor found nothing after any of them; ${acknowledged.size} acknowledged versions load; ${await leftovers(volumes)} temporary files are left`);
}

const kinds = ["push", "pull", "gc", "scrub", "push"] as const;
const refs = 5;

function wordsOf(verb: (typeof kinds)[number], source: string, index: number, target: string): string[] {
  if (verb === "push") return ["push", source, `acme/model@r${index % refs}`, "--replicas", "2", "--message", `push ${index}`];
  if (verb === "pull") return ["pull", "acme/model@r0", target];
  return verb === "gc" ? ["gc", "--hold", "0s", "--approve"] : ["scrub", "--repair"];
}

async function killAfter(running: Running, waitMs: number): Promise<Ended> {
  await Promise.race([sleep(waitMs), running.ended]);
  return running.over ? running.ended : running.kill();
}

async function assertLoads(holdfast: Holdfast, version: string, variant: Variant, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await holdfast.ok<Pulled>(["pull", `acme/model@${version}`, target]);
  assertSame(await digestsOf(target), variant.digests, `version ${version}, which was acknowledged`);
}
