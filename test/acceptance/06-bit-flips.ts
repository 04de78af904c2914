/** Single flipped bits anywhere on the volumes: each is found, mended to the very bytes that were there, and no wrong byte comes out meanwhile. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { randomFrom } from "../../src/bytes/kernels/specimens.ts";
import { Holdfast, patience } from "./command.ts";
import { makeModel } from "./make/model.ts";
import { type Place, show } from "./place.ts";
import { assertSame, type Digests, digestsOf } from "./trees.ts";
import { flipBit, pick, type Replica, replicasOn, writeSettings } from "./volumes.ts";

interface ScrubResult {
  readonly checked: number;
  readonly damaged: number;
  readonly missing: number;
  readonly repaired: number;
}

export const bitFlips = show({
  says: "single bits flipped anywhere in the files of the volumes: all found, all mended while a good replica is left, no wrong byte out",
  full: { flips: 1000, modelBytes: 400e6, volumes: 4 },
  small: { flips: 40, modelBytes: 8e6, volumes: 3 },
  async run(place, { flips, modelBytes, volumes }) {
    const { folder, say } = place;
    const source = join(folder, "model");
    const { digests } = await makeModel(source, { bytes: modelBytes, parts: 4, seed: 6 });
    const holdfast = new Holdfast(folder);
    const paths = await writeSettings(holdfast.store, volumes);
    const groups = Math.max(16, Math.ceil(modelBytes / 8e6));
    await holdfast.push(source, "acme/model", ["--replicas", "2", "--strategy", "hash", "--groups", String(groups)], patience(modelBytes * 5));
    const store = { place, holdfast, paths, digests, modelBytes, whole: await digestsOf(join(holdfast.store, "volumes")) };
    const random = randomFrom(66);
    const tally = { flipped: 0, found: 0, foundByLoads: 0 };
    for (let round = 0; tally.flipped < flips; round++) {
      // Every other time somebody loads the model before the scrub comes by. A volume whose identity is damaged is not read
      // until it is mended, so a load could then miss the one good replica of something: identities get their flips the other times.
      const loads = round % 2 === 1;
      const flipped = await flipApart(paths, flips - tally.flipped, random, !loads);
      tally.flipped += flipped;
      const mended = loads ? await loadAmidDamage(store) : 0;
      const { damaged, missing, repaired } = await holdfast.ok<ScrubResult>(["scrub", "--repair"], patience(modelBytes * 5));
      assert.deepEqual(
        { damaged: damaged + mended, repaired: repaired + mended, missing },
        { damaged: flipped, repaired: flipped, missing: 0 },
        `round ${round}`,
      );
      tally.found += damaged;
      tally.foundByLoads += mended;
      assertSame(await digestsOf(join(holdfast.store, "volumes")), store.whole, `round ${round}: the volumes are what they were, byte for byte`);
    }
    say(`${tally.flipped} bits flipped: ${tally.found} found and mended by scrubs, ${tally.foundByLoads} by loads that met them; 0 wrong bytes out`);
    await refuseWhenAllAreBad(store);
  },
});

/** One bit in one replica of each object, of as many as there are. Half of the places by bytes, half by files, so that small files get theirs. */
async function flipApart(volumes: readonly string[], most: number, random: () => number, identities: boolean): Promise<number> {
  const replicas = (await replicasOn(volumes)).filter(({ key }) => identities || !key.startsWith("identity/"));
  const byKey = Map.groupBy(replicas, ({ key, volume }) => (key.startsWith("identity/") ? `${key}@${volume}` : key));
  const objects = [...byKey.values()];
  const total = objects.reduce((sum, [one]) => sum + (one?.bytes ?? 0), 0);
  const chosen = new Set<readonly Replica[]>();
  const count = Math.min(most, Math.ceil(objects.length * 0.7));
  while (chosen.size < count) chosen.add(random() < 0.5 ? pick(objects, random) : byBytes(objects, random() * total));
  for (const replicas of chosen) {
    const { path, bytes } = pick(replicas, random);
    await flipBit(path, Math.floor(random() * bytes * 8));
  }
  return chosen.size;
}

function byBytes(objects: readonly (readonly Replica[])[], at: number): readonly Replica[] {
  let before = 0;
  return objects.find(([one]) => (before += one?.bytes ?? 0) > at) ?? (objects[0] as readonly Replica[]);
}

interface Stand {
  readonly place: Place;
  readonly holdfast: Holdfast;
  readonly paths: readonly string[];
  readonly digests: Digests;
  readonly modelBytes: number;
}

/** Returns how many replicas the load mended. */
async function loadAmidDamage({ place, holdfast, digests, modelBytes }: Stand): Promise<number> {
  const target = join(place.folder, "loaded");
  const { repaired } = await holdfast.pull("acme/model", target, [], patience(modelBytes * 5));
  assertSame(await digestsOf(target), digests, "loaded amid damage");
  await rm(target, { recursive: true });
  return repaired;
}

/** The same bit wrong on both replicas of a shard: a typed error, and no file under its name that is not right. */
async function refuseWhenAllAreBad({ place, holdfast, paths, digests, modelBytes }: Stand): Promise<void> {
  const shards = (await replicasOn(paths)).filter(({ key }) => key.startsWith("shard/"));
  const largest = shards.toSorted((a, b) => b.bytes - a.bytes)[0] as Replica;
  for (const { path, key, bytes } of shards) if (key === largest.key) await flipBit(path, Math.floor(bytes / 2) * 8);
  const target = join(place.folder, "refused");
  const { exitCode, json } = await holdfast.run(["pull", "acme/model", target], patience(modelBytes * 5));
  assert.equal(exitCode, 4, `every replica is bad, which is corrupt: ${JSON.stringify(json)}`);
  const there = [...(await digestsOf(target))].filter(([path]) => !path.startsWith(".holdfast"));
  for (const [path, digest] of there) assert.equal(digest, digests.get(path), `${path} is there and not right`);
  const scrub = await holdfast.run(["scrub", "--repair"], patience(modelBytes * 5));
  assert.equal(scrub.exitCode, 4, "a scrub that cannot mend says so");
  place.say(`with every replica of a shard bad, a load ends with ${json?.error?.code}, and leaves only whole files`);
}
