import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseVolumeName, type VolumeName } from "../../core/names.ts";
import { type Holding, type Move, Rebalancing, type VolumeFacts } from "./index.ts";
import { spreadGroups } from "./spread.ts";

function volume(name: string, more: Partial<VolumeFacts> = {}): VolumeFacts {
  return { name: parseVolumeName(name), failureDomain: `domain-of-${name}`, weight: 1, copies: 1, state: "active", full: false, ...more };
}

const volumes = (count: number): VolumeFacts[] => Array.from({ length: count }, (_, index) => volume(`v${index}`));

/** As pushes of eight groups each leave them. */
function pushed(all: readonly VolumeFacts[], pushes: number, replicas: number, bytesOf: (index: number) => number): Holding[] {
  return Array.from({ length: pushes }, (_, push) => spreadGroups(`push-${push}`, 8, all, replicas)).flatMap((groups, push) =>
    groups.map((on, group) => ({ key: `${push}/${group}`, bytes: bytesOf(push * 8 + group), replicasWanted: replicas, on })),
  );
}

interface Balanced {
  readonly after: readonly Holding[];
  readonly moves: readonly Move[];
  readonly bytes: number;
  readonly overBytes: readonly [number, number];
}

function balance(all: readonly VolumeFacts[], holdings: readonly Holding[]): Balanced {
  const rebalancing = new Rebalancing(all);
  for (const holding of holdings) rebalancing.count(holding);
  rebalancing.settle();
  const before = rebalancing.overBytes;
  const moves: Move[] = [];
  let bytes = 0;
  const after = holdings.map((holding) => {
    const move = rebalancing.moveOf(holding);
    if (!move) return holding;
    moves.push(move);
    bytes += holding.bytes;
    return { ...holding, on: [...holding.on.filter((name) => name !== move.from), ...(move.to === undefined ? [] : [move.to])] };
  });
  return { after, moves, bytes, overBytes: [before, rebalancing.overBytes] };
}

function heldBy(holdings: readonly Holding[], name: VolumeName): number {
  return holdings.reduce((sum, { on, bytes }) => sum + (on.includes(name) ? bytes : 0), 0);
}

test("a new volume gets its share, from each of the others, and no more moves than that", () => {
  for (const [count, replicas] of [
    [2, 1],
    [3, 2],
    [5, 3],
    [9, 2],
  ] as const) {
    const holdings = pushed(volumes(count), 200, replicas, (index) => 50 + (index % 30));
    const total = holdings.reduce((sum, { bytes, on }) => sum + bytes * on.length, 0);
    const all = volumes(count + 1);
    const { after, moves, bytes } = balance(all, holdings);
    const share = total / (count + 1);
    for (const { name } of all) assert.ok(Math.abs(heldBy(after, name) / share - 1) < 0.04, `${name} holds ${heldBy(after, name) / share} of its share`);
    assert.ok(bytes <= share * 1.05, `${bytes / share} of a share moved`);
    assert.ok(moves.filter(({ to }) => to === all.at(-1)?.name).length > moves.length * 0.95);
    assert.deepEqual(balance(all, after).moves, [], "nothing moves again");
  }
});

test("what was pushed lies where it should: without a new volume nothing moves", () => {
  const holdings = pushed(volumes(6), 200, 2, () => 64);
  assert.deepEqual(balance(volumes(6), holdings).moves, []);
});

test("a raised weight draws replicas, and a volume of which nobody knows that it has one too many is relieved without a copy", () => {
  const holdings = pushed(volumes(3), 200, 1, () => 64);
  const heavy = [volume("v0", { weight: 2 }), volume("v1"), volume("v2")];
  const { after } = balance(heavy, holdings);
  const total = holdings.reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(Math.abs(heldBy(after, parseVolumeName("v0")) / (total / 2) - 1) < 0.04);
  const doubled = holdings.map((holding) => (holding.on[0] === "v1" ? { ...holding, on: [...holding.on, parseVolumeName("v2")] } : holding));
  const relieved = balance(volumes(3), doubled);
  assert.ok(relieved.moves.some(({ from, to }) => from === "v2" && to === undefined));
  for (const [index, { on }] of relieved.after.entries()) if (doubled[index]?.on.length === 2) assert.ok(on.includes(parseVolumeName("v1")));
});

test("a move that was not made counts for nothing", () => {
  const holdings = pushed(volumes(3), 50, 1, () => 64);
  const rebalancing = new Rebalancing(volumes(4));
  for (const holding of holdings) rebalancing.count(holding);
  rebalancing.settle();
  const before = rebalancing.overBytes;
  const undone = holdings.filter((holding) => {
    const move = rebalancing.moveOf(holding);
    if (move) rebalancing.undo(move, holding.bytes);
    return move !== undefined;
  });
  assert.ok(undone.length > 50, "each that could go may go, since none has gone");
  assert.equal(rebalancing.overBytes, before);
});

/** Volumes of every kind, and objects anywhere on them, at most one replica on each. */
const anyCase = fc
  .array(
    fc.record({
      failureDomain: fc.nat(3).map(String),
      weight: fc.constantFrom(0, 0.5, 1, 1, 4),
      copies: fc.constantFrom(1, 1, 1, 3),
      state: fc.constantFrom("active" as const, "active" as const, "active" as const, "draining" as const),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((facts) => {
    const all = facts.map((fact, index) => volume(`v${index}`, fact));
    const holding = fc.record({
      key: fc.string(),
      bytes: fc.integer({ min: 1, max: 100 }),
      replicasWanted: fc.integer({ min: 1, max: 3 }),
      on: fc.subarray(
        all.map(({ name }) => name),
        { minLength: 1, maxLength: Math.min(3, all.length) },
      ),
    });
    return fc.record({ all: fc.constant(all), holdings: fc.array(holding, { maxLength: 60 }) });
  });

test("whatever lies where: copies and failure domains are never fewer than before or than wanted, no volume has an object twice, and less lies above the shares", () => {
  fc.assert(
    fc.property(anyCase, ({ all, holdings }) => {
      const factsOf = (on: readonly VolumeName[]): VolumeFacts[] => on.map((name) => all.find((one) => one.name === name) as VolumeFacts);
      const copies = (on: readonly VolumeName[]): number => factsOf(on).reduce((sum, one) => sum + one.copies, 0);
      const domains = (on: readonly VolumeName[]): number => new Set(factsOf(on).map((one) => one.failureDomain)).size;
      const { after, overBytes } = balance(all, holdings);
      for (const [index, { on, replicasWanted }] of after.entries()) {
        const before = (holdings[index] as Holding).on;
        assert.equal(new Set(on).size, on.length);
        assert.ok(copies(on) >= Math.min(replicasWanted, copies(before)));
        assert.ok(domains(on) >= Math.min(domains(before), on.length));
        for (const { state, weight } of factsOf(on.filter((name) => !before.includes(name)))) assert.ok(state === "active" && weight > 0);
      }
      assert.ok(overBytes[1] <= overBytes[0] + 1e-6);
    }),
    { numRuns: 2000 },
  );
});
