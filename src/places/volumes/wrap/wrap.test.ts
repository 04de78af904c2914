import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseDigest } from "../../../core/digest.ts";
import { type ErrorCode, fault, isFault } from "../../../core/errors.ts";
import { parseDomainName, parseVolumeName } from "../../../core/names.ts";
import { rangeOf } from "../../../core/range.ts";
import { MiB } from "../../../core/units.ts";
import type { World } from "../../../core/world/index.ts";
import { realWorld } from "../../../core/world/index.ts";
import { volumeConformance } from "../conformance.ts";
import { objectKey } from "../keys.ts";
import { type MemoryObjects, openMemoryVolume } from "../memory/driver.ts";
import type { ObjectKey, Volume } from "../volume.ts";
import { deadline } from "./deadline.ts";
import { faulty } from "./fault.ts";
import { checkPlan, type FaultPlan, type FaultRule, faultsOf, follow, randomPlan } from "./fault-plan.ts";
import { countMs, emptyHistogram, quantileMs } from "./histogram.ts";
import { lateWork } from "./late.ts";
import { limit } from "./limit.ts";
import { measure, type Operation, VolumeMeter } from "./measure.ts";
import { retry } from "./retry.ts";

const never = new AbortController().signal;
const name = parseVolumeName("wrapped");

// ---- every wrapper is a volume -----------------------------------------------------------------------------------

const plain = (): Volume => openMemoryVolume({ name });
const noFaults: FaultPlan = { seed: 1, rules: [] };
const wrappers: Readonly<Record<string, (volume: Volume) => Volume>> = {
  retry: (volume) => retry(volume, { world: realWorld }),
  limit: (volume) => limit(volume),
  "limit, one at a time": (volume) => limit(volume, { operationsMax: 1, bytesMax: 1000 }),
  measure: (volume) => measure(volume, { world: realWorld, meter: new VolumeMeter() }),
  deadline: (volume) => deadline(volume, { world: realWorld }),
  fault: (volume) => faulty(volume, { plan: noFaults, world: realWorld }),
  all: (volume) => measure(retry(limit(deadline(volume, { world: realWorld })), { world: realWorld }), { world: realWorld, meter: new VolumeMeter() }),
};

for (const [title, wrap] of Object.entries(wrappers))
  volumeConformance(`${title}(memory)`, async () => ({ volume: wrap(plain()), dispose: async () => undefined }));

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

// ---- tools -------------------------------------------------------------------------------------------------------

/** Time that passes as soon as someone waits for it. */
function impatientWorld(): World & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    ticks: () => now,
    random: () => 0.5,
    id: () => "0".repeat(32),
    async sleep(ms, signal) {
      if (signal.aborted) throw fault("CANCELLED", "cancelled");
      slept.push(ms);
      now += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

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

function keyOf(hex: string): ObjectKey {
  return objectKey({ kind: "shard", domain: parseDomainName("domain"), digest: parseDigest(hex.padEnd(64, "0")), generation: 1 });
}

const key = keyOf("ab");
const body = [Buffer.from("some "), Buffer.from("bytes")];
const whole = rangeOf(0, 10);

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => isFault(error, code) || assert.fail(`${String(error)} is not ${code}`));
}

async function keysOf(stats: AsyncIterable<{ readonly key: ObjectKey }>): Promise<ObjectKey[]> {
  const keys: ObjectKey[] = [];
  for await (const one of stats) keys.push(one.key);
  return keys;
}

/** A memory volume with one object, behind a plan. */
function withFaults(
  rules: readonly FaultRule[],
  objects: MemoryObjects = new Map([[key, Buffer.concat(body)]]),
  seed = 7,
): { volume: Volume; objects: MemoryObjects } {
  return { volume: faulty(openMemoryVolume({ name, objects }), { plan: { seed, rules }, world: impatientWorld() }), objects };
}

async function got(volume: Volume): Promise<string> {
  const into = Buffer.alloc(10);
  return into.toString("latin1", 0, await volume.get(key, whole, [into.subarray(0, 3), into.subarray(3)], never));
}

const ticks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

// ---- fault -------------------------------------------------------------------------------------------------------

describe("fault", () => {
  const codes = {
    eio: "VOLUME_UNREACHABLE",
    enospc: "VOLUME_FULL",
    erofs: "ACCESS_DENIED",
    emptyMount: "VOLUME_IDENTITY_MISSING",
    "unknown-not": "VOLUME_UNREACHABLE",
  } as const;
  const run: Readonly<Record<Operation, (volume: Volume) => Promise<unknown>>> = {
    put: (volume) => volume.put(keyOf("cd"), body, never),
    get: got,
    stat: (volume) => keysOf(volume.stat([key], never)),
    list: (volume) => keysOf(volume.list(undefined, never)),
    remove: (volume) => volume.remove([key], never),
  };
  for (const [op, faults] of Object.entries(faultsOf) as [Operation, (typeof faultsOf)[Operation]][])
    for (const one of faults)
      if (one in codes)
        test(`${one} on ${op} fails once, changes nothing, and is over`, async () => {
          const { volume, objects } = withFaults([{ op, fault: one, nth: 1 }]);
          await fails(run[op](volume), codes[one as keyof typeof codes]);
          assert.deepEqual([...objects.keys()], [key]);
          await run[op](volume);
        });

  test("D7: flip on get changes exactly one bit of what is handed out, and nothing at rest", async () => {
    const { volume } = withFaults([{ op: "get", fault: "flip", nth: 1 }]);
    const bad = Buffer.from(await got(volume), "latin1");
    const differing = bad.reduce((bits, byte, index) => bits + (byte ^ (Buffer.concat(body)[index] ?? 0)).toString(2).replaceAll("0", "").length, 0);
    assert.equal(differing, 1);
    assert.equal(await got(volume), "some bytes");
  });

  test("D7: flip on put keeps other bytes than the caller's, whose body stays as it was", async () => {
    const { volume, objects } = withFaults([{ op: "put", fault: "flip", nth: 1 }], new Map());
    await volume.put(key, body, never);
    assert.notEqual(objects.get(key)?.toString(), "some bytes");
    assert.equal(Buffer.concat(body).toString(), "some bytes");
  });

  test("D1: torn keeps a prefix", async () => {
    const { volume, objects } = withFaults([{ op: "put", fault: "torn", nth: 1 }], new Map());
    await volume.put(key, body, never);
    const kept = Buffer.from(objects.get(key) as Uint8Array).toString();
    assert.ok(kept.length < 10 && "some bytes".startsWith(kept));
  });

  test("D8: misdirect hands out another object's bytes", async () => {
    const { volume } = withFaults(
      [{ op: "get", fault: "misdirect", nth: 1 }],
      new Map([
        [key, Buffer.concat(body)],
        [keyOf("cd"), Buffer.from("other data")],
      ]),
    );
    assert.equal(await got(volume), "other data");
  });

  test("D9: dropWrite says done and does nothing", async () => {
    const { volume, objects } = withFaults([
      { op: "put", fault: "dropWrite", nth: 1 },
      { op: "remove", fault: "dropWrite", nth: 1 },
    ]);
    await volume.put(keyOf("cd"), body, never);
    await volume.remove([key], never);
    assert.deepEqual([...objects.keys()], [key]);
  });

  test("short hands out fewer bytes than there are", async () => {
    const { volume } = withFaults([{ op: "get", fault: "short", nth: 1 }]);
    const read = await got(volume);
    assert.ok(read.length < 10 && "some bytes".startsWith(read));
  });

  test("listOmit leaves out objects that exist", async () => {
    const objects: MemoryObjects = new Map(["01", "02", "03", "04", "05"].map((hex) => [keyOf(hex), Buffer.alloc(1)]));
    const { volume } = withFaults([{ op: "list", fault: "listOmit", nth: 1 }], objects);
    const listed = await keysOf(volume.list(undefined, never));
    assert.ok(listed.length < 5 && !listed.includes(keyOf("01")));
    assert.equal((await keysOf(volume.list(undefined, never))).length, 5);
  });

  test("unknown-applied is done, and fails", async () => {
    const { volume, objects } = withFaults([
      { op: "put", fault: "unknown-applied", nth: 1 },
      { op: "remove", fault: "unknown-applied", nth: 1 },
    ]);
    await fails(volume.put(keyOf("cd"), body, never), "VOLUME_UNREACHABLE");
    await fails(volume.remove([key], never), "VOLUME_UNREACHABLE");
    assert.deepEqual([...objects.keys()], [keyOf("cd")]);
  });

  test("slow takes its time", async () => {
    const world = impatientWorld();
    const volume = faulty(openMemoryVolume({ name, objects: new Map([[key, Buffer.concat(body)]]) }), {
      plan: { seed: 1, rules: [{ op: "get", fault: "slow", nth: 1 }] },
      world,
      slowMs: 777,
    });
    assert.equal(await got(volume), "some bytes");
    assert.deepEqual(world.slept, [777]);
  });

  test("a hang ignores the signal and ends with the volume", async () => {
    const { volume } = withFaults([{ op: "get", fault: "hang", nth: 1 }]);
    const stop = new AbortController();
    let ended = false;
    const hanging = volume.get(key, whole, [Buffer.alloc(10)], stop.signal).finally(() => {
      ended = true;
    });
    stop.abort();
    await ticks();
    assert.equal(ended, false);
    await Promise.all([fails(hanging, "VOLUME_UNREACHABLE"), volume[Symbol.asyncDispose]()]);
  });

  test("rules count their own operations and keys, and may hold for ever", async () => {
    const due = follow({
      seed: 1,
      rules: [
        { op: "get", fault: "eio", nth: 2, times: 2, key },
        { op: "put", fault: "enospc", nth: 3, times: "always" },
      ],
    });
    assert.deepEqual(
      [1, 2, 3, 4].map(() => due("get", [key])),
      [undefined, "eio", "eio", undefined],
    );
    assert.equal(due("get", [keyOf("cd")]), undefined);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => due("put", ["any"])),
      [undefined, undefined, "enospc", "enospc"],
    );
  });

  test("a plan from a seed is the same each time, can be logged, and has only rules that can fire", () => {
    const plan = randomPlan(42, 50, 10);
    assert.deepEqual(randomPlan(42, 50, 10), plan);
    assert.notDeepEqual(randomPlan(43, 50, 10), plan);
    assert.deepEqual(checkPlan(JSON.parse(JSON.stringify(plan))), plan);
    assert.ok(randomPlan(42, 50, 10, ["flip"]).rules.every((rule) => rule.fault === "flip"));
    assert.throws(
      () => checkPlan({ seed: 1, rules: [{ op: "get", fault: "torn", nth: 1 }] }),
      (error) => isFault(error, "ARGUMENT_INVALID"),
    );
    assert.throws(
      () => checkPlan({ seed: 1, rules: [{ op: "get", fault: "eio", nth: 0 }] }),
      (error) => isFault(error, "ARGUMENT_INVALID"),
    );
  });
});

// ---- retry -------------------------------------------------------------------------------------------------------

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

// ---- deadline and limit ------------------------------------------------------------------------------------------

describe("deadline", () => {
  const hanging = (op: Operation): Volume => withFaults([{ op, fault: "hang", nth: 1, times: "always" }]).volume;

  test("D16: every operation that hangs fails at its deadline", async () => {
    const run: Readonly<Record<Operation, (volume: Volume) => Promise<unknown>>> = {
      put: (volume) => volume.put(keyOf("cd"), body, never),
      get: got,
      stat: (volume) => keysOf(volume.stat([key], never)),
      list: (volume) => keysOf(volume.list(undefined, never)),
      remove: (volume) => volume.remove([key], never),
    };
    for (const op of Object.keys(run) as Operation[]) {
      await using inner = hanging(op);
      await fails(run[op](deadline(inner, { world: impatientWorld() })), "VOLUME_UNREACHABLE");
    }
  });

  test("bytes get more time", async () => {
    await using inner = hanging("put");
    const world = impatientWorld();
    await fails(deadline(inner, { world, operationMs: 100, bytesPerSecondMin: MiB }).put(keyOf("cd"), [Buffer.alloc(2 * MiB)], never), "VOLUME_UNREACHABLE");
    assert.deepEqual(world.slept, [2100]);
  });

  test("work that goes on behind the failure can be waited for, since it may still write into the memory", async () => {
    const inner = hanging("get");
    const error = await got(deadline(inner, { world: impatientWorld() })).catch((reason: unknown) => reason);
    const late = lateWork(error);
    assert.ok(late);
    let ended = false;
    void late.then(() => {
      ended = true;
    });
    await ticks();
    assert.equal(ended, false);
    await inner[Symbol.asyncDispose]();
    await late;
  });

  test("a failure of the volume itself leaves nothing behind", async () => {
    const { volume } = withFaults([{ op: "get", fault: "eio", nth: 1 }]);
    const error = await got(deadline(volume, { world: realWorld })).catch((reason: unknown) => reason);
    assert.equal(lateWork(error), undefined);
  });

  test("the operation is asked to stop", async () => {
    let stopped = false;
    const polite: Volume = {
      ...plain(),
      get: (_key, _range, _into, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            stopped = true;
            reject(signal.reason);
          }),
        ),
    };
    await fails(got(deadline(polite, { world: impatientWorld() })), "VOLUME_UNREACHABLE");
    assert.equal(stopped, true);
  });

  test("a get that hangs is not tried again into the same memory", async () => {
    await using inner = hanging("get");
    const world = impatientWorld();
    let calls = 0;
    const counted: Volume = {
      ...inner,
      name,
      traits: inner.traits,
      get: (...call) => (calls++, inner.get(...call)),
      [Symbol.asyncDispose]: async () => undefined,
    };
    await fails(got(retry(deadline(counted, { world }), { world })), "VOLUME_UNREACHABLE");
    assert.equal(calls, 1);
  });
});

describe("limit", () => {
  /** A volume whose gets wait to be let go, and that counts how many wait. */
  function gated(): { volume: Volume; release: () => void; waiting: () => number } {
    let waiting: (() => void)[] = [];
    const volume: Volume = { ...plain(), get: () => new Promise((resolve) => waiting.push(() => resolve(0))) };
    return {
      volume,
      waiting: () => waiting.length,
      release: () => {
        for (const go of waiting.splice(0)) go();
        waiting = [];
      },
    };
  }
  const ask = (volume: Volume, bytes: number, signal = never): Promise<number> => volume.get(key, rangeOf(0, bytes), [Buffer.alloc(bytes)], signal);

  test("D17: no more operations at once than allowed", async () => {
    const { volume, release, waiting } = gated();
    const limited = limit(volume, { operationsMax: 3 });
    const all = Array.from({ length: 8 }, () => ask(limited, 1));
    for (const expected of [3, 3, 2]) {
      await ticks();
      assert.equal(waiting(), expected);
      release();
    }
    await Promise.all(all);
  });

  test("no more bytes at once than allowed, and more than all of them alone", async () => {
    const { volume, release, waiting } = gated();
    const limited = limit(volume, { bytesMax: 100 });
    const all = [60, 30, 50, 1000, 10].map((bytes) => ask(limited, bytes));
    for (const expected of [2, 1, 1, 1]) {
      await ticks();
      assert.equal(waiting(), expected);
      release();
    }
    await Promise.all(all);
  });

  test("who waits can be cancelled, and does not hold up those behind", async () => {
    const { volume, release, waiting } = gated();
    const limited = limit(volume, { operationsMax: 2, bytesMax: 100 });
    const stop = new AbortController();
    const first = ask(limited, 60);
    const second = ask(limited, 80, stop.signal);
    const third = ask(limited, 40);
    stop.abort();
    await fails(second, "CANCELLED");
    await ticks();
    assert.equal(waiting(), 2);
    release();
    await Promise.all([first, third]);
  });

  test("a failure gives its room back", async () => {
    const { volume } = withFaults([{ op: "get", fault: "eio", nth: 1, times: 3 }]);
    const limited = limit(volume, { operationsMax: 1 });
    for (let index = 0; index < 3; index++) await fails(got(limited), "VOLUME_UNREACHABLE");
    assert.equal(await got(limited), "some bytes");
  });

  test("D16 D17: a volume that hangs holds its own room only, refuses at once when all is held, and recovers", async () => {
    const inner = withFaults([{ op: "get", fault: "hang", nth: 1, times: 4 }]).volume;
    const limited = limit(deadline(inner, { world: impatientWorld() }), { operationsMax: 4 });
    const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => got(limited)));
    for (const outcome of outcomes) assert.ok(outcome.status === "rejected" && isFault(outcome.reason, "VOLUME_UNREACHABLE"));
    await fails(got(limited), "VOLUME_UNREACHABLE");
    await inner[Symbol.asyncDispose]();
    await ticks();
    assert.equal(await got(limited), "some bytes");
  });

  test("a list that its reader leaves standing holds no room", async () => {
    const { volume } = withFaults([]);
    const limited = limit(volume, { operationsMax: 1 });
    for await (const _ of limited.list(undefined, never)) assert.equal(await got(limited), "some bytes");
  });
});

// ---- measure -----------------------------------------------------------------------------------------------------

describe("measure", () => {
  test("counts operations, bytes and failures by code", async () => {
    const meter = new VolumeMeter();
    const { volume } = withFaults([{ op: "get", fault: "eio", nth: 2 }]);
    const measured = measure(volume, { world: impatientWorld(), meter });
    await got(measured);
    await got(measured).catch(() => undefined);
    await measured.put(keyOf("cd"), [Buffer.alloc(100)], never);
    await measured.put(keyOf("cd"), [Buffer.alloc(100)], never).catch(() => undefined);
    await keysOf(measured.list(undefined, never));
    const { get, put, list, remove } = meter.snapshot();
    assert.deepEqual([get.operations, get.bytes, get.failures], [2, 10, { VOLUME_UNREACHABLE: 1 }]);
    assert.deepEqual([put.operations, put.bytes, put.failures], [2, 100, { OBJECT_EXISTS: 1 }]);
    assert.deepEqual([list.operations, list.latency.reduce((sum, count) => sum + count, 0)], [1, 3]);
    assert.equal(remove.operations, 0);
  });

  test("a snapshot does not change any more", async () => {
    const meter = new VolumeMeter();
    const measured = measure(withFaults([]).volume, { world: impatientWorld(), meter });
    const before = meter.snapshot();
    await got(measured);
    assert.equal(before.get.operations, 0);
  });

  test("quantiles are at most a fourth root of two above the truth", () => {
    const histogram = emptyHistogram();
    for (let ms = 1; ms <= 1000; ms++) countMs(histogram, ms);
    for (const quantile of [0.01, 0.5, 0.9, 0.99, 1]) {
      const estimate = quantileMs(histogram, quantile);
      assert.ok(estimate >= quantile * 1000 * 0.999 && estimate <= quantile * 1000 * 2 ** 0.25 * 1.001, `${quantile}: ${estimate}`);
    }
    assert.equal(quantileMs(emptyHistogram(), 0.5), 0);
    for (const odd of [0, 1e12]) countMs(histogram, odd);
    assert.ok(Number.isFinite(quantileMs(histogram, 1)));
  });
});
