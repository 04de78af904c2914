/** Which replica is read, and what that does to the slowest reads: decided in simulated time, from seeds. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { digestFromBytes } from "../../core/digest.ts";
import { type ErrorCode, fault, isFault } from "../../core/errors.ts";
import { parseDomainName, parseVolumeName, type VolumeName } from "../../core/names.ts";
import { rangeOf } from "../../core/range.ts";
import { KiB, MiB } from "../../core/units.ts";
import { SimulatedWorld } from "../../core/world/test-tools.ts";
import { Arena } from "../../machine/arena.ts";
import { copyOut } from "../../machine/handlers/copy-out.ts";
import type { Desk } from "../../machine/handlers/desk.ts";
import type { CopyOutJob } from "../../machine/jobs.ts";
import type { ObjectId, ObjectRow, ReplicaRow, ReplicaState, VolumeRow } from "../../places/catalog/index.ts";
import { objectKey, type Volume } from "../../places/volumes/index.ts";
import { openMemoryVolume } from "../../places/volumes/memory/driver.ts";
import { wrap } from "../../places/volumes/open.ts";
import { seededRandom } from "../../places/volumes/wrap/fault-plan.ts";
import type { Engine } from "../engine.ts";
import { VolumeSet } from "../volume-set.ts";
import { Replicas } from "./replicas.ts";

const objectBytes = 16 * KiB;
const objectCount = 120;
const names = ["a", "b", "c"].map(parseVolumeName) as [VolumeName, VolumeName, VolumeName];
const never = new AbortController().signal;

/** How long a volume takes for a read, in milliseconds; it may also throw. */
type Behaviour = (random: () => number) => number;

/** Some milliseconds, seldom three times as many. */
const healthy: Behaviour = (random) => 3 * Math.exp(0.35 * (random() + random() + random() + random() - 2) * 1.7);
const slowBy =
  (ms: number): Behaviour =>
  (random) =>
    ms + healthy(random);

function lagging(volume: Volume, world: SimulatedWorld, behaviour: () => Behaviour): Volume {
  return {
    ...volume,
    async get(...call) {
      await world.sleep(behaviour()(world.random), call[3]);
      return volume.get(...call);
    },
  };
}

interface Stage {
  readonly world: SimulatedWorld;
  readonly engine: Engine;
  readonly behaviours: Record<string, Behaviour>;
}

const objects: readonly ObjectRow[] = Array.from({ length: objectCount }, (_, index) => ({
  ...{ id: (index + 1) as ObjectId, kind: "shard", domain: parseDomainName("d"), generation: index + 1, bytes: objectBytes },
  ...{ digest: digestFromBytes(new Uint8Array(32).fill(index)), replicasWanted: 3, state: "present" },
}));

const bodies = new Map(objects.map(({ id }) => [id, Buffer.alloc(objectBytes, id)]));

/** Objects on volumes in memory that take their time, with all that stands around a volume in the product. */
function staged(seed: number, volumes: readonly VolumeName[] = names, stateOn: (name: VolumeName) => ReplicaState = () => "good"): Stage {
  const world = new SimulatedWorld(seededRandom(seed));
  const behaviours: Record<string, Behaviour> = Object.fromEntries(volumes.map((name) => [name, healthy]));
  const bytes = new Map(objects.map((object) => [objectKey(object), bodies.get(object.id) as Buffer]));
  const rows: VolumeRow[] = volumes.map((name) => ({ name, id: name, url: `memory:${name}`, failureDomain: name, weight: 1, state: "active" }));
  const open = async ({ name }: VolumeRow, health: NonNullable<Parameters<typeof wrap>[1]["health"]>): Promise<Volume> =>
    wrap(
      lagging(openMemoryVolume({ name, objects: bytes }), world, () => behaviours[name] as Behaviour),
      { world, health, disk: undefined as never },
    );
  const replicasOf = (id: ObjectId): ReplicaRow[] => volumes.map((volume) => ({ object: id, volume, state: stateOn(volume) }));
  const engine = {
    world,
    volumes: new VolumeSet(rows, world, open),
    arena: new Arena(8 * MiB, 0),
    pool: { run: async (job: CopyOutJob) => copyOut(undefined as unknown as Desk, job) },
    catalog: {
      objects: async (ids: readonly ObjectId[]) => objects.filter(({ id }) => ids.includes(id)),
      replicas: async (ids: readonly ObjectId[]) => ids.flatMap(replicasOf),
    },
  } as unknown as Engine;
  return { world, engine, behaviours };
}

const readBytes = 8 * KiB;

/** Reads a part of an object as a load does, and looks at what came. Returns how long it took. */
async function readPart({ world }: Stage, replicas: Replicas): Promise<number> {
  const { id } = objects[Math.floor(world.random() * objects.length)] as ObjectRow;
  const into = new Uint8Array(new SharedArrayBuffer(readBytes));
  const start = Math.floor(world.random() * (objectBytes - readBytes));
  const startedMs = world.ticks();
  for (;;) {
    const asked = replicas.volumeFor({ object: id, offset: start }, readBytes);
    const { problem } = await replicas.read({ object: id, volume: asked, offsets: [start], range: rangeOf(start, readBytes), into: [into] }, never);
    if (problem) continue;
    assert.ok(Buffer.from(into.buffer).equals((bodies.get(id) as Buffer).subarray(0, readBytes)), "the bytes are the object's");
    return world.ticks() - startedMs;
  }
}

interface Outcome {
  readonly replicas: Replicas;
  /** In order of length. */
  readonly ms: readonly number[];
}

/** Sixteen readers, each with its next read when it has the last. */
async function load(stage: Stage, reads: number): Promise<Outcome> {
  const replicas = new Replicas(stage.engine);
  await replicas.learn(objects.map(({ id }) => id));
  const ms: number[] = [];
  let left = reads;
  const reader = async (): Promise<void> => {
    while (left-- > 0) ms.push(await readPart(stage, replicas));
  };
  await stage.world.run(Promise.all(Array.from({ length: 16 }, reader)));
  return { replicas, ms: ms.sort((a, b) => a - b) };
}

const quantile = ({ ms }: Outcome, share: number): number => ms[Math.ceil(ms.length * share) - 1] as number;

const reads = 2500;

describe("the choice of a replica, in simulated time", () => {
  for (const seed of [1, 2, 3])
    test(`one of three replicas 200 ms slow: p99 at most 1.2 of healthy, at most 5 % extra bytes (seed ${seed})`, async (t) => {
      const before = await load(staged(seed), reads);
      const stage = staged(seed);
      stage.behaviours.b = slowBy(200);
      const slow = await load(stage, reads);
      const [was, is] = [quantile(before, 0.99), quantile(slow, 0.99)];
      const extra = slow.replicas.hedgedBytes / slow.replicas.fetchedBytes;
      t.diagnostic(`p99 ${was.toFixed(1)} ms healthy, ${is.toFixed(1)} ms with a slow replica; ${(extra * 100).toFixed(2)} % extra bytes`);
      assert.ok(is <= 1.2 * was, `p99 of ${is} ms instead of ${was} ms`);
      assert.ok(extra <= 0.05, `${extra} extra`);
    });

  test("a replica that becomes slow in the middle is left, and used again some time after it has recovered", async () => {
    const stage = staged(7);
    await load(stage, reads);
    stage.behaviours.b = slowBy(200);
    const first = await load(stage, reads);
    assert.ok(quantile(first, 0.99) < 20, `p99 of ${quantile(first, 0.99)} ms`);
    const gotBy = (): number => stage.engine.volumes.health(names[1]).meter.snapshot().get.operations;
    stage.behaviours.b = healthy;
    await stage.world.run(stage.world.sleep(60_000, never));
    await load(stage, reads);
    const before = gotBy();
    await load(stage, reads);
    assert.ok(gotBy() - before > reads / 5, `${gotBy() - before} of ${reads} reads by the volume that recovered`);
  });

  test("replicas that stall now and then, none of them slow: the second answers for the one that stalls", async () => {
    const stall: Behaviour = (random) => (random() < 0.02 ? 200 : healthy(random));
    const stage = staged(11);
    for (const name of names) stage.behaviours[name] = stall;
    const { replicas: before } = await load(stage, reads);
    const { replicas, ms } = await load(stage, reads);
    const stalled = ms.filter((one) => one >= 200).length;
    assert.ok(stalled < reads * 0.005, `${stalled} of ${reads} reads waited for a replica that stalled`);
    const [once, twice] = [before.fetchedBytes + replicas.fetchedBytes, before.hedgedBytes + replicas.hedgedBytes];
    assert.ok(twice > 0 && twice <= 0.05 * once, `${twice} of ${once} bytes`);
  });

  test("healthy replicas share the reads, and an object is read from the same one each time", async () => {
    const stage = staged(13);
    await load(stage, reads);
    for (const name of names) {
      const share = stage.engine.volumes.health(name).meter.snapshot().get.operations / reads;
      assert.ok(share > 0.25 && share < 0.42, `${name} has ${share} of the reads`);
    }
    const replicas = new Replicas(stage.engine);
    await replicas.learn([objects[0]?.id as ObjectId]);
    const chosen = new Set(Array.from({ length: 50 }, () => replicas.volumeFor({ object: objects[0]?.id as ObjectId, offset: 0 }, readBytes)));
    assert.equal(chosen.size, 1);
  });

  test("where there is one replica nothing is read twice, however slow it is", async () => {
    const stage = staged(17, [names[0]]);
    await load(stage, 500);
    stage.behaviours.a = slowBy(300);
    assert.equal((await load(stage, 100)).replicas.hedgedBytes, 0);
  });

  test("no answer from one of three: loads go on, and after some failures it is asked no more", async () => {
    const stage = staged(19);
    stage.behaviours.c = () => {
      throw fault("VOLUME_UNREACHABLE", "refused");
    };
    const { ms } = await load(stage, 1000);
    assert.equal(ms.length, 1000);
    const health = stage.engine.volumes.health(names[2]);
    assert.equal(health.breakers.reads.isOpen, true);
    assert.ok(health.meter.snapshot().get.operations < 40, `${health.meter.snapshot().get.operations} times asked`);
  });

  test("a good replica is read before a doubtful one, and damage counts for more than load", async () => {
    const stage = staged(23, names, (name) => (name === "a" ? "suspect" : "good"));
    stage.behaviours.b = slowBy(200);
    stage.behaviours.c = slowBy(200);
    const { replicas } = await load(stage, 200);
    assert.equal(stage.engine.volumes.health(names[0]).meter.snapshot().get.operations, 0);
    const spot = { object: objects[0]?.id as ObjectId, offset: 0 };
    const chosen = replicas.volumeFor(spot, readBytes);
    replicas.damage.spoil({ ...spot, offset: 512 }, chosen, fault("CHUNK_CORRUPT", "wrong"));
    assert.ok(replicas.volumeFor(spot, readBytes) !== chosen);
    for (const name of names) replicas.damage.lose(spot.object, name, fault("VOLUME_UNREACHABLE", "gone"));
    assert.throws(() => replicas.volumeFor(spot, readBytes), refused("DATA_CORRUPT"));
  });
});

const refused =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    isFault(error, code);
