import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault, isFault } from "../../core/errors.ts";
import { parseVolumeName } from "../../core/names.ts";
import { KiB, MiB } from "../../core/units.ts";
import { SimulatedWorld } from "../../core/world/test-tools.ts";
import { Arena } from "../../machine/arena.ts";
import { copyOut } from "../../machine/handlers/copy-out.ts";
import type { Desk } from "../../machine/handlers/desk.ts";
import type { CopyOutJob } from "../../machine/jobs.ts";
import { HedgeBudget, type Scatter } from "../../places/volumes/index.ts";
import { markLate } from "../../places/volumes/wrap/late.ts";
import { type HedgeMeans, readHedged } from "./hedge.ts";

const [slow, quick] = [parseVolumeName("slow"), parseVolumeName("quick")];
const bytes = 8 * KiB;

/** What a replica does: fills the views after a while, or fails. */
type Replica = (into: Scatter, signal: AbortSignal) => Promise<void>;

function stage({ budgetBytes = MiB, arenaBytes = MiB } = {}) {
  const world = new SimulatedWorld(() => 0.5);
  const budget = new HedgeBudget();
  budget.earn(budgetBytes * 20);
  const arena = new Arena(arenaBytes, 0);
  const pool = { run: async (job: CopyOutJob) => copyOut(undefined as unknown as Desk, job) } as unknown as HedgeMeans["pool"];
  const memory = new Uint8Array(new SharedArrayBuffer(bytes));
  const into = [memory.subarray(0, 100), memory.subarray(100)];
  const stop = new AbortController();
  const gives =
    (value: number, afterMs: number, patience: AbortSignal | undefined = undefined): Replica =>
    async (views, signal) => {
      await world.sleep(afterMs, patience ?? signal);
      for (const view of views) view.fill(value);
    };
  const fails =
    (afterMs: number): Replica =>
    async (_, signal) => {
      await world.sleep(afterMs, signal);
      throw fault("VOLUME_UNREACHABLE", "no answer");
    };
  const race = (first: Replica, second: Replica) =>
    world.run(
      readHedged(
        { world, arena, pool, budget },
        {
          first: slow,
          second: { name: quick, afterMs: 10 },
          bytes,
          into,
          read: (name, ...call) => (name === slow ? first : second)(...call),
          signal: stop.signal,
        },
      ),
    );
  const isFilledWith = (value: number): boolean => memory.every((byte) => byte === value);
  return { world, arena, budget, stop, gives, fails, race, isFilledWith };
}

const stubborn = new AbortController().signal;

describe("a hedged read", () => {
  test("asks one replica where that is quick", async () => {
    const { gives, race, isFilledWith } = stage();
    const asked = await race(gives(1, 9), () => assert.fail("the second was asked"));
    assert.deepEqual(asked, { by: { name: slow, error: undefined }, other: undefined, hedgedBytes: 0 });
    assert.ok(isFilledWith(1));
  });

  test("is answered by the second where the first takes long, which is called back", async () => {
    const { world, gives, race, isFilledWith } = stage();
    const asked = await race(gives(1, 500), gives(2, 5));
    assert.deepEqual(asked, { by: { name: quick, error: undefined }, other: undefined, hedgedBytes: bytes });
    assert.ok(isFilledWith(2));
    assert.equal(world.ticks(), 15);
  });

  test("is answered by the first where that is sooner after all; nothing of the second comes into the views", async () => {
    const { world, arena, gives, race, isFilledWith } = stage();
    const asked = await race(gives(1, 20), gives(2, 50, stubborn));
    assert.equal(asked.by.name, slow);
    assert.equal(arena.lendNow(MiB), undefined, "the second still writes into its memory");
    await world.run(world.sleep(100, stubborn));
    assert.ok(isFilledWith(1));
    assert.ok(arena.lendNow(MiB), "its memory is free when it has ended");
  });

  test("waits for a first that cannot be called back, so that nothing late comes into the views", async () => {
    const { world, gives, race, isFilledWith } = stage();
    const late: Replica = async (views, signal) => {
      await world.sleep(10, stubborn);
      const work = gives(9, 200, stubborn)(views, signal);
      throw markLate(fault("VOLUME_UNREACHABLE", "out of time"), work);
    };
    const asked = await race(late, gives(2, 30));
    assert.equal(asked.by.name, quick);
    assert.ok(world.ticks() >= 210);
    assert.ok(isFilledWith(2));
    await world.run(world.sleep(1000, stubborn));
    assert.ok(isFilledWith(2));
  });

  test("takes what the first gave where it got through before it could be called back", async () => {
    const { gives, race, isFilledWith } = stage();
    const asked = await race(gives(1, 60, stubborn), gives(2, 5));
    assert.deepEqual([asked.by.name, asked.hedgedBytes], [slow, bytes]);
    assert.ok(isFilledWith(1));
  });

  test("says what failed at the first where the second gave the bytes, and fails where both do", async () => {
    const one = stage();
    const mended = await one.race(one.fails(20), one.gives(2, 30));
    assert.equal(mended.by.name, quick);
    assert.ok(isFault(mended.other?.error, "VOLUME_UNREACHABLE") && mended.other.name === slow);
    assert.ok(one.isFilledWith(2));
    const both = stage();
    const lost = await both.race(both.fails(50), both.fails(5));
    assert.ok(isFault(lost.by.error, "VOLUME_UNREACHABLE") && lost.by.name === slow);
    assert.ok(isFault(lost.other?.error, "VOLUME_UNREACHABLE") && lost.other.name === quick);
  });

  test("asks nobody else without memory or budget, and gives back the memory that it could not pay for", async () => {
    for (const means of [{ budgetBytes: 100 }, { arenaBytes: 4096 }]) {
      const { arena, gives, race } = stage(means);
      const asked = await race(gives(1, 500), () => assert.fail("the second was asked"));
      assert.equal(asked.hedgedBytes, 0);
      assert.ok(arena.lendNow(arena.capacityBytes));
    }
  });

  test("ends with its caller", async () => {
    const { world, stop, gives, race } = stage();
    const racing = race(gives(1, 500), gives(2, 500));
    void world.sleep(20, stubborn).then(() => stop.abort());
    const { by } = await racing;
    assert.ok(isFault(by.error, "CANCELLED"));
    assert.ok(world.ticks() < 30);
  });
});
