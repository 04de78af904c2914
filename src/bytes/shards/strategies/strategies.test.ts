import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../../core/errors.ts";
import { sampleVersion, strategyConformance } from "./conformance.ts";
import { type PieceFacts, strategyNamed, strategyNames } from "./index.ts";

for (const name of strategyNames) strategyConformance(() => strategyNamed(name, { seed: "7" }));

const pieces = sampleVersion(10_000);

function loads(name: string, groups: number, seed = "7"): number[] {
  const strategy = strategyNamed(name, { seed });
  const counts = Array<number>(groups).fill(0);
  for (const piece of pieces) counts[strategy.groupOf(piece, groups)] = (counts[strategy.groupOf(piece, groups)] as number) + 1;
  return counts;
}

// With 100 pieces a group on average the deviation is 10: 1.5 and 0.6 are four to five of them, so one bad choice of bits shows.
for (const name of ["hash", "random"])
  test(`${name}: 10,000 pieces over 100 groups are balanced`, () => {
    const counts = loads(name, 100);
    assert.ok(Math.max(...counts) / 100 <= 1.5, `max ${Math.max(...counts)}`);
    assert.ok(Math.min(...counts) / 100 >= 0.6, `min ${Math.min(...counts)}`);
  });

test("range: equal shares, each contiguous", () => {
  assert.deepEqual(loads("range", 100), Array(100).fill(100));
});

test("range: an empty version has one group", () => {
  assert.equal(strategyNamed("range", { seed: "" }).groupOf({ path: "a", tensor: undefined, start: 0, position: 0, total: 0 }, 5), 0);
});

test("tensor: all pieces of a tensor, in whatever file, have one group; all of a file without tensors too", () => {
  const strategy = strategyNamed("tensor", { seed: "" });
  const place = fc.record({ path: fc.string(), start: fc.nat() });
  const facts = (tensor: string | undefined, path: string, start: number): PieceFacts => ({ path, tensor, start, position: start, total: 2 ** 40 });
  fc.assert(
    fc.property(place, place, fc.string(), (a, b, tensor) => {
      assert.equal(strategy.groupOf(facts(tensor, a.path, a.start), 1000), strategy.groupOf(facts(tensor, b.path, b.start), 1000));
      assert.equal(strategy.groupOf(facts(undefined, a.path, a.start), 1000), strategy.groupOf(facts(undefined, a.path, b.start), 1000));
    }),
  );
});

test("hash: a tensor of many pieces is spread", () => {
  const strategy = strategyNamed("hash", { seed: "" });
  const groups = Array.from({ length: 100 }, (_, at) => strategy.groupOf({ path: "m", tensor: "t", start: at, position: at, total: 100 }, 100));
  assert.ok(new Set(groups).size > 50);
});

test("random: another seed is another draw", () => {
  const groupsOf = (seed: string) => pieces.slice(0, 100).map((piece) => strategyNamed("random", { seed }).groupOf(piece, 100));
  assert.notDeepEqual(groupsOf("1"), groupsOf("2"));
});

test("an unknown strategy is refused by name", () => {
  assert.throws(
    () => strategyNamed("alphabetical", { seed: "" }),
    (error) => isFault(error, "ARGUMENT_INVALID") && /alphabetical/.test(error.message),
  );
});
