import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ring, type Weighted } from "./ring.ts";

const keys = Array.from({ length: 12_000 }, (_, index) => `holdfast:c:acme/${index.toString(16).padStart(64, "0")}`);
const named = (port: number, weight = 1): Weighted => ({ name: `10.0.0.${port % 250}:${port}`, weight });
const ports = (min: number, max: number) => fc.uniqueArray(fc.integer({ min: 1024, max: 65_535 }), { minLength: min, maxLength: max });
const weighted = ports(2, 8).chain((all) =>
  fc.array(fc.constantFrom(0.5, 1, 2, 4), { minLength: all.length, maxLength: all.length }).map((weights) => all.map((port, at) => named(port, weights[at]))),
);
const few = { numRuns: 8 };

function sharesOf(nodes: readonly Weighted[], copies: number): number[] {
  const ring = new Ring(nodes);
  const counts = nodes.map(() => 0);
  for (const key of keys) for (const owner of ring.owners(key, copies)) counts[owner] = (counts[owner] as number) + 1;
  return counts;
}

/** Which keys fall to a node is chance: six standard deviations of a share as small as the lightest of eight can have. */
const tolerance = (ideal: number): number => Math.max(0.15, 6 / Math.sqrt(ideal));

test("each node has its share by weight, within 15 % but for chance", () => {
  fc.assert(
    fc.property(weighted, (nodes) => {
      const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
      for (const [index, count] of sharesOf(nodes, 1).entries()) {
        const ideal = (keys.length * (nodes[index] as Weighted).weight) / total;
        assert.ok(Math.abs(count / ideal - 1) <= tolerance(ideal), `${JSON.stringify(nodes[index])}: ${count} instead of ${ideal}`);
      }
    }),
    few,
  );
});

test("bytes of chunks of every size are balanced within 15 %, with copies too", () => {
  fc.assert(
    fc.property(ports(3, 5), fc.integer({ min: 1, max: 2 }), (all, copies) => {
      const nodes = all.map((port) => named(port));
      const ring = new Ring(nodes);
      const bytes = nodes.map(() => 0);
      for (const [index, key] of keys.entries())
        for (const owner of ring.owners(key, copies)) bytes[owner] = (bytes[owner] as number) + 1 + ((index * 7919) % 1_048_576);
      const ideal = bytes.reduce((sum, of) => sum + of, 0) / nodes.length;
      for (const of of bytes) assert.ok(Math.abs(of / ideal - 1) <= 0.15, String(bytes));
    }),
    few,
  );
});

test("when one of three goes, its keys move and no others: at most 1.2 thirds", () => {
  fc.assert(
    fc.property(ports(3, 3), fc.integer({ min: 0, max: 2 }), (all, gone) => {
      const nodes = all.map((port) => named(port));
      const left = nodes.filter((_, index) => index !== gone);
      const [before, after] = [new Ring(nodes), new Ring(left)];
      let moved = 0;
      for (const key of keys) {
        const [was, is] = [nodes[before.owners(key, 1)[0] as number], left[after.owners(key, 1)[0] as number]];
        if (was !== is) moved++;
        if (was !== nodes[gone]) assert.equal(is, was, "a key of a node that stays has not moved");
      }
      assert.ok(moved <= (keys.length * 1.2) / 3, `${moved} of ${keys.length}`);
    }),
    few,
  );
});

test("copies are on different nodes, and when one goes the other is still an owner", () => {
  fc.assert(
    fc.property(ports(3, 6), fc.integer({ min: 0, max: 2 }), (all, gone) => {
      const nodes = all.map((port) => named(port));
      const left = nodes.filter((_, index) => index !== gone);
      const [before, after] = [new Ring(nodes), new Ring(left)];
      for (const key of keys.slice(0, 2000)) {
        const were = before.owners(key, 2).map((index) => nodes[index]);
        const are = after.owners(key, 2).map((index) => left[index]);
        assert.equal(new Set(were).size, 2);
        for (const node of were) if (node !== nodes[gone]) assert.ok(are.includes(node));
      }
    }),
    few,
  );
});

test("the order in which nodes are named does not matter, and one node has everything", () => {
  const nodes = [named(1001), named(1002, 2), named(1003)];
  const [one, other] = [new Ring(nodes), new Ring(nodes.toReversed())];
  for (const key of keys.slice(0, 2000)) assert.equal(nodes[one.owners(key, 1)[0] as number], nodes.toReversed()[other.owners(key, 1)[0] as number]);
  assert.deepEqual(new Ring([named(1)]).owners("x", 3), [0]);
  assert.deepEqual(new Ring([]).owners("x", 1), []);
});
