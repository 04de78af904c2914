import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MiB } from "../../../core/units.ts";
import { bytesIn, never, someValue, tierConformance, wantedOf } from "../conformance.ts";
import { policyNames } from "../policy.ts";
import { testEnvironment } from "../test-tools.ts";
import { sparing } from "../wrap/sparing.ts";
import { driver } from "./index.ts";
import { slotBytes } from "./slot-bytes.ts";

const settings = { kind: "memory", name: "memory", bytes: 24 * MiB, policy: "sieve" } as const;

for (const policy of policyNames)
  tierConformance(`memory, ${policy}`, {
    pinBytesTooMany: 28 * MiB,
    async make() {
      const tier = await driver.open({ ...settings, policy }, testEnvironment());
      return { tier, again: undefined, dispose: async () => tier[Symbol.asyncDispose]() };
    },
  });

tierConformance("memory, sparing", {
  pinBytesTooMany: 28 * MiB,
  async make() {
    const environment = testEnvironment();
    const tier = sparing(await driver.open(settings, environment), environment.world);
    return { tier, again: undefined, dispose: async () => tier[Symbol.asyncDispose]() };
  },
});

test("it never takes more than it was given, and what it says it has is right, whatever is written", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 60 });
  const run = async (bytes: readonly number[], policy: (typeof policyNames)[number]): Promise<void> => {
    await using tier = await driver.open({ ...settings, bytes: 4 * MiB, policy }, testEnvironment());
    const values = bytes.map((size) => someValue(size));
    for (const value of values) {
      await tier.write([value], never);
      const facts = await tier.facts(never);
      assert.ok(facts.bytes <= 4 * MiB);
    }
    let there = 0;
    for (const value of values) {
      const found = await bytesIn(tier, value);
      if (found) assert.deepEqual(found, Uint8Array.from(value.body));
      if (found) there++;
    }
    assert.equal(there, (await tier.facts(never)).entries);
    assert.ok(there > 0, "the last one fits");
  };
  await fc.assert(fc.asyncProperty(sizes, fc.constantFrom(...policyNames), run), { numRuns: 25 });
});

test("a pinned version stays whole, whatever else is written", async () => {
  await using tier = await driver.open({ ...settings, bytes: 8 * MiB }, testEnvironment());
  const chunks = Array.from({ length: 6 }, () => someValue(600_000));
  const pin = { model: "a/b", version: "v", chunks } as unknown as Parameters<typeof tier.pins.add>[0];
  await tier.write(chunks.slice(0, 3), never);
  await tier.pins.add(pin, never);
  for (let round = 0; round < 40; round++) await tier.write([someValue(500_000 + round * 9000)], never);
  await tier.write(chunks.slice(3), never);
  for (let round = 0; round < 40; round++) await tier.write([someValue(300_000 + round * 9000)], never);
  assert.deepEqual(await tier.pins.lacking(pin, never), []);
  for (const value of chunks) assert.ok(await bytesIn(tier, value));
  await tier.pins.remove(pin, never);
  for (let round = 0; round < 60; round++) await tier.write([someValue(500_000 + round * 9000)], never);
  assert.equal((await tier.pins.lacking(pin, never)).length, 6, "let go, they are evicted like any others");
});

test("memory that is decoded from is not given to another value", async () => {
  await using tier = await driver.open({ ...settings, bytes: 2 * MiB }, testEnvironment());
  const value = someValue(1_500_000);
  await tier.write([value], never);
  const [hit] = await tier.read([wantedOf(value)], never);
  await tier.write([someValue(1_400_000)], never);
  assert.deepEqual(Uint8Array.from(hit?.body ?? []), Uint8Array.from(value.body));
  hit?.[Symbol.dispose]();
  const next = someValue(1_400_000);
  await tier.write([next], never);
  assert.ok(await bytesIn(tier, next), "given back, it is used again");
});

test("a slot is at least its value, and at most an eighth more or a page", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 * MiB }), (bytes) => {
      const slot = slotBytes(bytes);
      assert.ok(slot >= bytes && slot % 4096 === 0 && slot <= Math.max(bytes * 1.125, bytes + 4096) + 4096, `${bytes} → ${slot}`);
    }),
  );
});
