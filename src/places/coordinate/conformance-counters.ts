import assert from "node:assert/strict";
import { realWorld } from "../../core/world/index.ts";
import type { Fixture } from "./conformance-tools.ts";
import { Tally } from "./tally.ts";

const never = new AbortController().signal;

let serial = 0;
const fresh = (): string => `group-${++serial}`;

export const counterCases: Readonly<Record<string, (fixture: Fixture) => Promise<void>>> = {
  "counts of several processes are summed, and what was never counted is 0": async ({ one, other }) => {
    const group = fresh();
    await one.counters.add(
      group,
      [
        { name: "a", count: 2 },
        { name: "b", count: 1 },
      ],
      never,
    );
    await other.counters.add(group, [{ name: "a", count: 3 }], never);
    assert.deepEqual(await other.counters.read(group, ["b", "c", "a"], never), [1, 0, 5]);
    assert.deepEqual(await one.counters.read(group, [], never), []);
  },
  "groups know nothing of each other": async ({ one }) => {
    const [first, second] = [fresh(), fresh()];
    await one.counters.add(first, [{ name: "a", count: 1 }], never);
    assert.deepEqual(await one.counters.read(second, ["a"], never), [0]);
    assert.deepEqual(await one.counters.top(second, 5, never), []);
  },
  "the highest come first, no more than are wanted": async ({ one, other }) => {
    const group = fresh();
    await one.counters.add(
      group,
      Array.from({ length: 1200 }, (_, at) => ({ name: `n ${at}`, count: at + 1 })),
      never,
    );
    const top = [
      { name: "n 1199", count: 1200 },
      { name: "n 1198", count: 1199 },
      { name: "n 1197", count: 1198 },
    ];
    assert.deepEqual(await other.counters.top(group, 3, never), top);
    assert.deepEqual(await other.counters.top(group, 0, never), []);
    assert.equal((await other.counters.top(group, 5000, never)).length, 1200);
  },
  "nothing is lost of what many add at once": async ({ one, other }) => {
    const group = fresh();
    await Promise.all(Array.from({ length: 50 }, (_, at) => (at % 2 ? one : other).counters.add(group, [{ name: "a", count: 1 }], never)));
    assert.deepEqual(await one.counters.read(group, ["a"], never), [50]);
  },
  "a tally adds up here, and tells at its end": async ({ one, other }) => {
    const group = fresh();
    {
      await using tally = new Tally(one.counters, realWorld);
      for (let round = 0; round < 3; round++) tally.count(group, ["a", "b", "a"]);
      assert.deepEqual(await other.counters.read(group, ["a", "b"], never), [0, 0], "nothing is told yet");
    }
    assert.deepEqual(await other.counters.read(group, ["a", "b"], never), [6, 3]);
  },
};
