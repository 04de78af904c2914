import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { rangeOf } from "../../../core/range.ts";
import type { Volume } from "../volume.ts";
import { deadline } from "./deadline.ts";
import { limit } from "./limit.ts";
import { fails, got, impatientWorld, key, never, plain, ticks, withFaults } from "./test-tools.ts";

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
