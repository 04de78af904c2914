import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { type MemoryObjects, openMemoryVolume } from "../memory/driver.ts";
import type { Volume } from "../volume.ts";
import { faulty } from "./fault.ts";
import { checkPlan, faultsOf, follow, randomPlan } from "./fault-plan.ts";
import type { Operation } from "./measure.ts";
import { body, fails, got, impatientWorld, key, keyOf, keysOf, name, never, ticks, whole, withFaults } from "./test-tools.ts";

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
