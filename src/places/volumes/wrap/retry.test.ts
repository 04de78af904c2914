import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../core/errors.ts";
import { MiB } from "../../../core/units.ts";
import { realWorld } from "../../../core/world/index.ts";
import { volumeConformance } from "../conformance.ts";
import { type MemoryObjects, openMemoryVolume } from "../memory/driver.ts";
import { markRetryAfter } from "../retry-after.ts";
import type { Volume } from "../volume.ts";
import { faulty } from "./fault.ts";
import type { FaultPlan, FaultRule } from "./fault-plan.ts";
import { retry } from "./retry.ts";
import { body, fails, got, impatientWorld, key, keyOf, keysOf, name, never, plain, whole, withFaults } from "./test-tools.ts";

/** Every third operation of each kind goes unanswered, after or before it was done; the retries must make that invisible. */
const shaky: FaultPlan = {
  seed: 1,
  rules: (["put", "get", "remove", "stat", "list"] as const).flatMap((op) =>
    Array.from(
      { length: 200 },
      (_, index): FaultRule => ({ op, nth: 2 + index * 3, fault: op === "put" || op === "remove" ? (index % 2 ? "unknown-applied" : "unknown-not") : "eio" }),
    ),
  ),
};
volumeConformance(
  "retry(fault(memory)), every third operation unanswered",
  async () => ({
    volume: retry(faulty(plain(), { plan: shaky, world: realWorld }), { world: impatientWorld(), attemptsMax: 12, budgetMax: 1e9 }),
    dispose: async () => undefined,
  }),
  {
    "put: a key that is taken is OBJECT_EXISTS for the same content too": "after an unknown outcome the same content is the attempt's own, so it counts as put",
  },
);

describe("retry", () => {
  const retried = (rules: readonly FaultRule[], objects?: MemoryObjects, more = {}) => {
    const world = impatientWorld();
    const inner = withFaults(rules, objects);
    return { ...inner, world, volume: retry(inner.volume, { world, ...more }) };
  };

  test("R13: tries again with growing, capped pauses, and gives up after its attempts", async () => {
    const { volume, world } = retried([{ op: "get", fault: "eio", nth: 1, times: "always" }], undefined, { attemptsMax: 6, baseMs: 100, capMs: 500 });
    await fails(got(volume), "VOLUME_UNREACHABLE");
    assert.deepEqual(world.slept, [50, 100, 200, 250, 250]);
  });

  test("S1: a place that says when to come again is not asked earlier, nor waited for without end", async () => {
    const world = impatientWorld();
    const pauses = [3000, 600_000, 0];
    const get = async (): Promise<number> => {
      const pauseMs = pauses.shift();
      if (pauseMs === undefined) return 0;
      throw markRetryAfter(fault("VOLUME_UNREACHABLE", "slow down"), pauseMs);
    };
    await retry({ ...plain(), get }, { world, baseMs: 100 }).get(key, whole, body, never);
    assert.deepEqual(world.slept, [3000, 10_000, 200]);
  });

  test("R13: a budget bounds the retries of all operations together", async () => {
    const { volume, world } = retried([{ op: "get", fault: "eio", nth: 1, times: "always" }], undefined, { attemptsMax: 3, budgetMax: 5 });
    for (let index = 0; index < 20; index++) await fails(got(volume), "VOLUME_UNREACHABLE");
    assert.equal(world.slept.length, 5);
  });

  test("R13: ten successes earn one retry", async () => {
    const rules: FaultRule[] = [
      { op: "get", fault: "eio", nth: 1, times: 3 },
      { op: "get", fault: "eio", nth: 14, times: "always" },
    ];
    const { volume, world } = retried(rules, undefined, { attemptsMax: 3, budgetMax: 1 });
    await fails(got(volume), "VOLUME_UNREACHABLE");
    await fails(got(volume), "VOLUME_UNREACHABLE");
    for (let index = 0; index < 10; index++) await got(volume);
    await fails(got(volume), "VOLUME_UNREACHABLE");
    assert.equal(world.slept.length, 2);
  });

  for (const [one, code] of [
    ["enospc", "VOLUME_FULL"],
    ["erofs", "ACCESS_DENIED"],
    ["emptyMount", "VOLUME_IDENTITY_MISSING"],
  ] as const)
    test(`${one} is not tried again`, async () => {
      const { volume, world } = retried([{ op: "put", fault: one, nth: 1 }]);
      await fails(volume.put(keyOf("cd"), body, never), code);
      assert.deepEqual(world.slept, []);
    });

  test("a missing object is not asked for twice", async () => {
    const { volume, world } = retried([], new Map());
    await fails(got(volume), "OBJECT_MISSING");
    assert.deepEqual(world.slept, []);
  });

  test("S2: a put that was done and not answered counts as done", async () => {
    const { volume, objects } = retried([{ op: "put", fault: "unknown-applied", nth: 1 }], new Map());
    await volume.put(key, body, never);
    assert.equal(objects.get(key)?.toString(), "some bytes");
  });

  test("a put that was not done and not answered is sent whole again", async () => {
    const { volume, objects } = retried([{ op: "put", fault: "unknown-not", nth: 1, times: 2 }], new Map());
    await volume.put(key, body, never);
    assert.equal(objects.get(key)?.toString(), "some bytes");
  });

  for (const [what, other] of [
    ["other content", "SOME BYTES"],
    ["a prefix", "some byt"],
    ["more", "some bytes!"],
  ] as const)
    test(`after an unknown outcome, ${what} under the key is OBJECT_EXISTS`, async () => {
      const { volume } = retried([{ op: "put", fault: "eio", nth: 1 }], new Map([[key, Buffer.from(other)]]));
      await fails(volume.put(key, body, never), "OBJECT_EXISTS");
    });

  test("OBJECT_EXISTS at the first attempt stays, whatever is there", async () => {
    const { volume } = retried([]);
    await fails(volume.put(key, body, never), "OBJECT_EXISTS");
  });

  test("the read back after an unknown outcome covers large bodies of many views", async () => {
    const views = Array.from({ length: 7 }, (_, index) => Buffer.alloc(MiB / 2 + index, index));
    const { volume } = retried([{ op: "put", fault: "unknown-applied", nth: 1 }], new Map());
    await volume.put(key, views, never);
    const bent = Buffer.concat(views);
    bent[3 * MiB] = 99;
    const other = retried([{ op: "put", fault: "eio", nth: 1 }], new Map([[key, bent]]));
    await fails(other.volume.put(key, views, never), "OBJECT_EXISTS");
  });

  test("a list that breaks off goes on after the last object, without repeats", async () => {
    const keys = ["01", "02", "03", "04", "05"].map(keyOf);
    const objects: MemoryObjects = new Map(keys.map((one) => [one, Buffer.alloc(1)]));
    const memory = openMemoryVolume({ name, objects });
    let broken = 0;
    const breaking: Volume = {
      ...memory,
      async *list(after, signal) {
        let left = 2;
        for await (const one of memory.list(after, signal)) {
          if (left-- === 0 && broken++ < 2) throw fault("VOLUME_UNREACHABLE", "broken off");
          yield one;
        }
      },
      async *stat(wanted, signal) {
        let left = 2;
        for await (const one of memory.stat(wanted, signal)) {
          if (left-- === 0 && broken++ < 4) throw fault("VOLUME_UNREACHABLE", "broken off");
          yield one;
        }
      },
    };
    const volume = retry(breaking, { world: impatientWorld() });
    assert.deepEqual(await keysOf(volume.list(undefined, never)), keys);
    assert.deepEqual(await keysOf(volume.stat(keys, never)), keys);
    assert.ok(broken >= 4);
  });

  test("a pause ends when the caller cancels", async () => {
    const stop = new AbortController();
    const { volume } = withFaults([{ op: "get", fault: "eio", nth: 1, times: "always" }]);
    const patient = retry(volume, { world: realWorld, baseMs: 1e6, capMs: 1e6 });
    const getting = patient.get(key, whole, [Buffer.alloc(10)], stop.signal);
    setTimeout(() => stop.abort(), 5);
    await fails(getting, "CANCELLED");
  });
});
