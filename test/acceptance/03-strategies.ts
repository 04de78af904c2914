/** Shards spread over many volumes by each strategy; a volume that is gone and damaged replicas are read around, and mended by the reading. */
import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { randomFrom } from "../../src/bytes/kernels/specimens.ts";
import { Holdfast, type Pulled, patience } from "./command.ts";
import { makeModel } from "./make/model.ts";
import { type Place, percent, show } from "./place.ts";
import { assertSame, bytesUnder, type Digests, digestsOf, sha256Of } from "./trees.ts";
import { flipBit, pick, type Replica, replicasOn, writeSettings } from "./volumes.ts";

interface Stand {
  readonly place: Place;
  readonly holdfast: Holdfast;
  readonly volumes: readonly string[];
  readonly digests: Digests;
  readonly random: () => number;
  readonly model: string;
  readonly bytes: number;
}

export const strategies = show({
  says: "each strategy spreads two replicas over all volumes; any volume lost, and replicas damaged besides, the model loads verified and is mended",
  full: { volumes: 100, groups: 100, modelBytes: 1e9, lost: 10 },
  small: { volumes: 12, groups: 12, modelBytes: 12e6, lost: 1 },
  async run(place, { volumes, groups, modelBytes, lost }) {
    const source = join(place.folder, "model");
    const { digests, bytes } = await makeModel(source, { bytes: modelBytes, parts: 4, seed: 3 });
    for (const strategy of ["hash", "range", "random"]) {
      const holdfast = new Holdfast(place.folder, `store-${strategy}`);
      const paths = await writeSettings(holdfast.store, volumes);
      const stand = { place, holdfast, volumes: paths, digests, random: randomFrom(3), model: `acme/${strategy}`, bytes };
      const placed = ["--strategy", strategy, "--groups", String(groups), "--replicas", "2", "--seed", "s"];
      await holdfast.push(source, stand.model, placed, patience(bytes * 3));
      await tellSpread(stand, strategy);
      for (let round = 0; round < lost; round++) await loseOne(stand);
      const scrubbed = await holdfast.ok<{ damaged: number; missing: number }>(["scrub"], patience(bytes * 4));
      assert.deepEqual([scrubbed.damaged, scrubbed.missing], [0, 0], `${strategy}: what was read around is whole again`);
      await rm(holdfast.store, { recursive: true });
    }
  },
});

async function tellSpread({ place, volumes, bytes }: Stand, strategy: string): Promise<void> {
  const held = (await Promise.all(volumes.map((volume) => bytesUnder(join(volume, "shard")).catch(() => 0)))).sort((a, b) => a - b);
  const [min, median, max] = [held[0], held[held.length >> 1], held.at(-1)] as [number, number, number];
  const total = held.reduce((sum, one) => sum + one, 0);
  place.say(`${strategy}: bytes of shards per volume: min ${min}, median ${median}, max ${max}; mean ${Math.round(total / held.length)}`);
  assert.ok(min > 0, `${strategy}: a volume has nothing`);
  assert.ok(max < 4 * (total / held.length), `${strategy}: one volume has far more than its share`);
  place.say(`${strategy}: ${percent(total / 2 / bytes)} of the model's bytes for a replica`);
}

/** One volume away, two more replicas with a flipped bit; all of it is back at the end. */
async function loseOne(stand: Stand): Promise<void> {
  const { volumes, random, place } = stand;
  const gone = pick(volumes, random);
  await rename(gone, `${gone}.away`);
  await load(stand, "without a volume");
  const repaired = await damageTwo(stand);
  await rename(`${gone}.away`, gone);
  place.say(`${stand.model}: loaded without ${gone.slice(-4)}, and with two damaged replicas besides; ${repaired} mended by reading`);
}

/**
 * Flips bits in one replica each of two shards that have both theirs, in the middle, where the weights are. A load mends what it reads,
 * and which of two replicas it reads is its own choice, by how quick they are: where it was the other one, that one is damaged instead,
 * for one more load.
 */
async function damageTwo(stand: Stand): Promise<number> {
  const shards = await twoShards(stand);
  const before = await digestsOfAll(shards);
  let repaired = 0;
  let left: Damaged[] = await Promise.all(shards.map(([one, other]) => damaged(one, other)));
  for (let loads = 0; left.length > 0; loads++) {
    assert.ok(loads < loadsMax, `after ${loads} loads nothing has mended ${left.map(({ replica }) => replica.path).join(" and ")}`);
    repaired += (await load(stand, "with damaged replicas")).repaired;
    const unread = await filterAsync(left, async ({ replica, digest }) => (await sha256Of(replica.path)) !== digest);
    left = await Promise.all(unread.map(moved));
  }
  assert.equal(repaired, 2, "each damaged replica was mended once");
  assert.deepEqual(await digestsOfAll(shards), before, "with the very bytes that they had");
  return repaired;
}

/** What every other load reads is left out by so many once in a million times. */
const loadsMax = 20;

interface Damaged {
  readonly replica: Replica;
  readonly other: Replica;
  /** That it had. */
  readonly digest: string;
  readonly undo: () => Promise<void>;
}

async function damaged(replica: Replica, other: Replica): Promise<Damaged> {
  return { replica, other, digest: await sha256Of(replica.path), undo: await damage(replica) };
}

async function moved({ replica, other, undo }: Damaged): Promise<Damaged> {
  await undo();
  return damaged(other, replica);
}

/** Over more than a page, so that the bytes of some chunk are among them: nobody reads the padding of a page to load a model. */
const [flips, flipEveryBytes] = [32, 512];

type Pair = readonly [Replica, Replica];

async function twoShards({ volumes, random }: Stand): Promise<Pair[]> {
  const shards = (await replicasOn(volumes)).filter(({ key, bytes }) => key.startsWith("shard/") && bytes > 4 * flips * flipEveryBytes);
  const pairs = [...Map.groupBy(shards, ({ key }) => key).values()].filter((replicas) => replicas.length === 2) as unknown as Pair[];
  const first = pick(pairs, random);
  const others = pairs.filter((pair) => pair !== first);
  return [first, pick(others, random)];
}

function digestsOfAll(shards: readonly Pair[]): Promise<string[]> {
  return Promise.all(shards.flat().map(({ path }) => sha256Of(path)));
}

/** Returns the way back. */
async function damage({ path, bytes }: Replica): Promise<() => Promise<void>> {
  const undo: (() => Promise<void>)[] = [];
  for (let flip = 0; flip < flips; flip++) undo.push(await flipBit(path, (Math.floor(bytes / 2) + flip * flipEveryBytes) * 8));
  return async () => {
    for (const flipBack of undo) await flipBack();
  };
}

async function filterAsync<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(keep));
  return items.filter((_, index) => kept[index]);
}

async function load({ holdfast, place, model, digests, bytes }: Stand, what: string): Promise<Pulled> {
  const target = join(place.folder, "loaded");
  const pulled = await holdfast.pull(model, target, [], patience(bytes * 3));
  assertSame(await digestsOf(target), digests, `${model} ${what}`);
  await rm(target, { recursive: true });
  return pulled;
}
