import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseVolumeName, type VolumeName } from "../../core/names.ts";
import { choosePlaces, planRepair, type VolumeFacts } from "./index.ts";
import { spreadGroups } from "./spread.ts";

function volume(name: string, more: Partial<VolumeFacts> = {}): VolumeFacts {
  return { name: parseVolumeName(name), failureDomain: `domain-of-${name}`, weight: 1, copies: 1, state: "active", full: false, ...more };
}

function volumes(count: number, more: (index: number) => Partial<VolumeFacts> = () => ({})): VolumeFacts[] {
  return Array.from({ length: count }, (_, index) => volume(`v${index}`, more(index)));
}

/** Up to twelve volumes in up to five domains, some heavy, draining, full or replicating by themselves. */
const anyVolumes = fc
  .array(
    fc.record({
      failureDomain: fc.nat(4).map(String),
      weight: fc.constantFrom(0, 0.5, 1, 1, 4),
      copies: fc.constantFrom(1, 1, 1, 3),
      state: fc.constantFrom("active" as const, "active" as const, "draining" as const),
      full: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 12 },
  )
  .map((facts) => volumes(facts.length, (index) => facts[index] ?? {}));

const able = (all: readonly VolumeFacts[]): VolumeFacts[] => all.filter((one) => one.state === "active" && !one.full && one.weight > 0);
const factsOf = (names: readonly VolumeName[], all: readonly VolumeFacts[]): VolumeFacts[] =>
  names.map((name) => all.find((one) => one.name === name) as VolumeFacts);
const copies = (places: readonly VolumeFacts[]): number => places.reduce((sum, one) => sum + one.copies, 0);
const domains = (places: readonly VolumeFacts[]): number => new Set(places.map((one) => one.failureDomain)).size;

/** What R5 and §6 ask of any set of places. */
function assertWellPlaced(names: readonly VolumeName[], all: readonly VolumeFacts[], replicas: number): void {
  const places = factsOf(names, all);
  const usable = able(all);
  assert.equal(new Set(names).size, names.length, "no volume twice");
  for (const place of places) assert.ok(usable.includes(place), `${place.name} takes no objects`);
  assert.ok(copies(places) >= replicas || places.length === usable.length, "fewer copies only when all volumes are used");
  if (domains(places) < places.length) assert.equal(domains(places), domains(usable), "two in one domain only when every domain has one");
}

test("R5: any volumes, any number of replicas: domains apart first, then volumes apart", () => {
  fc.assert(
    fc.property(fc.string(), anyVolumes, fc.nat(6), (key, all, replicas) => assertWellPlaced(choosePlaces(key, all, replicas), all, replicas)),
    {
      numRuns: 1000,
    },
  );
});

test("no more places than are needed", () => {
  fc.assert(
    fc.property(fc.string(), anyVolumes, fc.integer({ min: 1, max: 6 }), (key, all, replicas) => {
      const places = factsOf(choosePlaces(key, all, replicas), all);
      assert.ok(copies(places.slice(0, -1)) < replicas);
    }),
  );
});

test("the order in which volumes are given does not matter, nor do those that take nothing", () => {
  fc.assert(
    fc.property(fc.string(), anyVolumes, fc.integer({ min: 1, max: 4 }), (key, all, replicas) => {
      const places = choosePlaces(key, all, replicas);
      assert.deepEqual(choosePlaces(key, all.toReversed(), replicas), places);
      assert.deepEqual(choosePlaces(key, able(all), replicas), places);
    }),
  );
});

test("a volume that is added takes its share and moves nothing else", () => {
  const before = volumes(20);
  const added = [...before, volume("new")];
  let moved = 0;
  for (let index = 0; index < 5000; index++) {
    const old = choosePlaces(`key-${index}`, before, 3);
    const now = choosePlaces(`key-${index}`, added, 3);
    const lost = old.filter((name) => !now.includes(name));
    assert.ok(lost.length <= 1);
    assert.equal(lost.length, now.includes(parseVolumeName("new")) ? 1 : 0);
    moved += lost.length;
  }
  const share = moved / 15000;
  assert.ok(Math.abs(share - 1 / 21) < 0.006, `moved ${share}`);
});

test("a volume that is lost moves only what it held", () => {
  const all = volumes(20);
  for (let index = 0; index < 500; index++) {
    const old = choosePlaces(`key-${index}`, all, 3);
    const now = choosePlaces(`key-${index}`, all.slice(1), 3);
    assert.deepEqual(
      now.filter((name) => old.includes(name)),
      old.filter((name) => name !== "v0"),
    );
  }
});

test("volumes win in proportion to their weights", () => {
  const all = volumes(10, (index) => ({ weight: index + 1 }));
  const won = new Map<string, number>();
  for (let index = 0; index < 20000; index++) for (const name of choosePlaces(`key-${index}`, all, 1)) won.set(name, (won.get(name) ?? 0) + 1);
  for (const one of all) {
    const expected = (20000 * one.weight) / 55;
    assert.ok(Math.abs((won.get(one.name) ?? 0) - expected) < 5 * Math.sqrt(expected), `${one.name}: ${won.get(one.name)} of ${expected}`);
  }
});

test("copies that a volume keeps by itself count", () => {
  const all = [volume("lake", { copies: 3, weight: 1e9 }), ...volumes(5)];
  assert.deepEqual(choosePlaces("key", all, 3), ["lake"]);
  assert.equal(choosePlaces("key", all, 4).length, 2);
});

// ---- groups ------------------------------------------------------------------------------------------------------

function loads(spread: readonly (readonly VolumeName[])[], all: readonly VolumeFacts[]): number[] {
  return all.map((one) => spread.filter((places) => places.includes(one.name)).length);
}

test("100 groups with 2 replicas over 100 volumes: every volume has 2", () => {
  const all = volumes(100);
  assert.deepEqual(new Set(loads(spreadGroups("model", 100, all, 2), all)), new Set([2]));
});

test("loads of equal volumes differ by at most one, whatever the numbers", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 3, max: 40 }),
      fc.integer({ min: 1, max: 3 }),
      (seed, groups, count, replicas) => {
        const all = volumes(count);
        const load = loads(spreadGroups(seed, groups, all, replicas), all);
        assert.ok(Math.max(...load) - Math.min(...load) <= 1, load.join(" "));
      },
    ),
    { numRuns: 100 },
  );
});

test("loads stay level when domains have several volumes, and follow the weights", () => {
  const racks = volumes(24, (index) => ({ failureDomain: `rack-${index % 6}` }));
  const level = loads(spreadGroups("model", 96, racks, 3), racks);
  assert.deepEqual(new Set(level), new Set([12]));
  const heavy = volumes(10, (index) => ({ weight: index < 5 ? 1 : 3 }));
  const load = loads(spreadGroups("model", 100, heavy, 2), heavy);
  assert.deepEqual(load, [10, 10, 10, 10, 10, 30, 30, 30, 30, 30]);
});

test("a domain is never asked for more than one place of each group", () => {
  const all = [volume("lonely", { failureDomain: "b" }), ...volumes(9, () => ({ failureDomain: "a" }))];
  const spread = spreadGroups("model", 90, all, 2);
  assert.deepEqual(loads(spread, all), [90, ...Array<number>(9).fill(10)]);
});

test("R5: any volumes, any groups: each group is placed by the rules for one object", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(30), anyVolumes, fc.nat(5), (seed, groups, all, replicas) => {
      const spread = spreadGroups(seed, groups, all, replicas);
      assert.equal(spread.length, groups);
      for (const places of spread) assertWellPlaced(places, all, replicas);
    }),
    { numRuns: 500 },
  );
});

test("a volume more moves little beyond what it takes", () => {
  for (const [groups, count, replicas] of [
    [100, 100, 2],
    [100, 99, 2],
    [100, 10, 2],
    [1000, 100, 2],
    [64, 7, 3],
  ] as const) {
    const all = volumes(count);
    const before = spreadGroups("model", groups, all, replicas);
    const after = spreadGroups("model", groups, [...all, volume("new")], replicas);
    const moved = before.reduce((sum, places, group) => sum + places.filter((name) => !after[group]?.includes(name)).length, 0);
    const share = moved / (groups * replicas);
    assert.ok(share <= 1 / (count + 1) + 0.1, `${groups} groups, ${count} volumes: moved ${share}`);
  }
});

// ---- repair ------------------------------------------------------------------------------------------------------

const replica = (name: string, state: "good" | "suspect" | "bad" = "good") => ({ volume: parseVolumeName(name), state });

test("nothing to do for an object that is well", () => {
  const plan = planRepair({ key: "k", replicasWanted: 2, volumes: volumes(4), replicas: [replica("v0"), replica("v1")] });
  assert.deepEqual({ write: plan.write, drop: plan.drop, sources: plan.sources.toSorted() }, { write: [], drop: [], sources: ["v0", "v1"] });
});

test("a bad replica is written again where it is, from a good one", () => {
  const plan = planRepair({ key: "k", replicasWanted: 2, volumes: volumes(4), replicas: [replica("v0"), replica("v1", "bad")] });
  assert.deepEqual(plan, { sources: ["v0"], write: ["v1"], drop: [] });
});

test("R16: without a good replica nothing is written and nothing removed", () => {
  const plan = planRepair({ key: "k", replicasWanted: 2, volumes: volumes(4), replicas: [replica("v0", "bad"), replica("v1", "suspect")] });
  assert.deepEqual(plan, { sources: [], write: [], drop: [] });
});

test("a suspect replica is neither counted on nor written over", () => {
  for (let index = 0; index < 50; index++) {
    const plan = planRepair({ key: `k-${index}`, replicasWanted: 2, volumes: volumes(3), replicas: [replica("v0"), replica("v1", "suspect")] });
    assert.deepEqual(plan, { sources: ["v0"], write: ["v2"], drop: [] });
  }
});

test("what a draining volume has is read, replaced and then dropped", () => {
  const all = [volume("old", { state: "draining" }), ...volumes(3)];
  const plan = planRepair({ key: "k", replicasWanted: 2, volumes: all, replicas: [replica("old"), replica("v0")] });
  assert.deepEqual([plan.sources, plan.drop], [["v0", "old"], ["old"]]);
  assert.equal(plan.write.length, 1);
});

test("a draining volume keeps its replica while there is nowhere to go", () => {
  const all = [volume("old", { state: "draining" }), volume("v0")];
  const plan = planRepair({ key: "k", replicasWanted: 2, volumes: all, replicas: [replica("old"), replica("v0")] });
  assert.deepEqual(plan, { sources: ["v0", "old"], write: [], drop: [] });
});

test("R5: two good replicas in one domain become two domains", () => {
  const all = volumes(3, (index) => ({ failureDomain: index < 2 ? "a" : "b" }));
  const plan = planRepair({ key: "k", replicasWanted: 2, volumes: all, replicas: [replica("v0"), replica("v1")] });
  assert.deepEqual(plan.write, ["v2"]);
  assert.equal(plan.drop.length, 1);
});

test("which good replicas stay does not depend on where a bad one lies, which will be gone", () => {
  const all = [
    volume("v0", { failureDomain: "b", copies: 3, weight: 0.5 }),
    volume("v1", { failureDomain: "a", weight: 0 }),
    volume("v2", { failureDomain: "a", weight: 0, copies: 3 }),
    volume("v3", { failureDomain: "b", weight: 4 }),
  ];
  const good = [replica("v1"), replica("v2")];
  const plan = planRepair({ key: "Q", replicasWanted: 3, volumes: all, replicas: [...good, replica("v3", "bad")] });
  const without = planRepair({ key: "Q", replicasWanted: 3, volumes: all, replicas: good });
  assert.deepEqual([plan.write, plan.drop], [without.write, [...without.drop, "v3"]]);
});

test("any plan, once carried out, leaves a well placed object and asks for nothing more", () => {
  const states = fc.constantFrom("good" as const, "bad" as const, "suspect" as const, undefined, undefined);
  fc.assert(
    fc.property(
      fc.string(),
      anyVolumes,
      fc.array(states, { minLength: 12, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      (key, all, held, replicasWanted) => {
        const replicas = all.flatMap((one, index) => (held[index] ? [{ volume: one.name, state: held[index] }] : []));
        const plan = planRepair({ key, replicasWanted, volumes: all, replicas });
        if (plan.sources.length === 0) return assert.deepEqual(plan, { sources: [], write: [], drop: [] });
        const removed = new Set([...plan.drop, ...plan.write]);
        assert.ok(plan.sources.some((name) => !removed.has(name)) || plan.write.length > 0, "a good copy is left at every moment");
        for (const name of plan.write) assert.ok(!plan.sources.includes(name), "a source is never overwritten");
        const after = [...replicas.filter((one) => !removed.has(one.volume)), ...plan.write.map((name) => ({ volume: name, state: "good" as const }))];
        const again = planRepair({ key, replicasWanted, volumes: all, replicas: after });
        assert.deepEqual([again.write, again.drop], [[], []]);
        const good = factsOf(
          after.filter((one) => one.state === "good").map((one) => one.volume),
          all,
        ).filter((one) => one.state === "active");
        const reachable = able(all).filter((one) => !after.some((other) => other.volume === one.name && other.state === "suspect"));
        assert.ok(copies(good) >= replicasWanted || reachable.every((one) => good.includes(one)), "as many copies as there can be");
      },
    ),
    { numRuns: 2000 },
  );
});
