/** What every policy must do, as a conformance suite over a plain model; and what makes each the one that it is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { CacheKey } from "../key.ts";
import { type EvictionPolicy, type PolicyName, policyNames } from "../policy.ts";
import { openPolicy } from "./index.ts";

const key = (name: string | number): CacheKey => `d/${name}` as CacheKey;

/** A generator of Lehmer's, so that a run can be repeated. */
function seeded(seed: number): { random(): number } {
  let state = (seed % 2147483646) + 1;
  return {
    random() {
      state = (state * 48271) % 2147483647;
      return (state - 1) / 2147483646;
    },
  };
}

const steps = fc.array(fc.record({ act: fc.constantFrom("added", "touched", "removed", "victim" as const), key: fc.integer({ min: 0, max: 12 }).map(key) }), {
  maxLength: 200,
});

for (const name of policyNames)
  describe(`policy ${name}`, () => {
    test("it chooses only what it knows, each once, and all of it in the end", () => {
      fc.assert(
        fc.property(steps, fc.integer({ min: 0 }), (trace, seed) => {
          const policy = openPolicy(name, seeded(seed));
          const known = new Set<CacheKey>();
          const choose = (): void => {
            const victim = policy.victim();
            assert.equal(victim === undefined, known.size === 0, "it has a victim exactly when it knows a key");
            if (victim !== undefined) assert.ok(known.delete(victim), `${victim} was not there`);
          };
          for (const step of trace)
            if (step.act === "victim") choose();
            else {
              policy[step.act](step.key);
              if (step.act === "added") known.add(step.key);
              if (step.act === "removed") known.delete(step.key);
            }
          for (let left = known.size; left >= 0; left--) choose();
        }),
      );
    });

    test("the same trace with the same chance gives the same victims", () => {
      const run = (): (CacheKey | undefined)[] => {
        const policy = openPolicy(name, seeded(7));
        for (let at = 0; at < 100; at++) policy.added(key(at));
        for (let at = 0; at < 300; at++) policy.touched(key((at * at) % 97));
        return Array.from({ length: 100 }, () => policy.victim());
      };
      assert.deepEqual(run(), run());
    });

    test("it says its name", () => assert.equal(openPolicy(name, seeded(1)).name, name));
  });

function filled(name: PolicyName, ...keys: readonly string[]): EvictionPolicy {
  const policy = openPolicy(name, seeded(3));
  for (const one of keys) policy.added(key(one));
  return policy;
}

const allVictims = (policy: EvictionPolicy): string[] => {
  const victims: string[] = [];
  for (let victim = policy.victim(); victim !== undefined; victim = policy.victim()) victims.push(victim.slice(2));
  return victims;
};

test("lru takes what was read longest ago", () => {
  const policy = filled("lru", "a", "b", "c");
  policy.touched(key("a"));
  policy.added(key("b"));
  assert.deepEqual(allVictims(policy), ["c", "a", "b"]);
});

test("lfu takes what was read least, and among equals what was read longest ago", () => {
  const policy = filled("lfu", "a", "b", "c", "d");
  for (const one of ["a", "a", "b", "d", "d"]) policy.touched(key(one));
  assert.deepEqual(allVictims(policy), ["c", "b", "a", "d"]);
});

test("lfu keeps what is read often through a scan, where lru does not", () => {
  const survivor = (name: PolicyName): boolean => {
    const policy = filled(name, "hot");
    policy.touched(key("hot"));
    for (let at = 0; at < 20; at++) {
      policy.added(key(at));
      if (at >= 4 && policy.victim() === key("hot")) return false;
    }
    return true;
  };
  assert.deepEqual([survivor("lfu"), survivor("sieve"), survivor("lru")], [true, true, false]);
});

test("sieve spares what was read once, and goes on where its hand is", () => {
  const policy = filled("sieve", "a", "b", "c", "d");
  policy.touched(key("a"));
  policy.touched(key("c"));
  assert.equal(policy.victim(), key("b"), "a is spared");
  policy.added(key("e"));
  assert.equal(policy.victim(), key("d"), "c is spared, and the hand has passed a");
  assert.deepEqual(allVictims(policy), ["e", "a", "c"]);
});

test("random spreads its choice over all keys", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 4000; seed++) {
    const policy = openPolicy("random", seeded(seed * 7919));
    for (const one of ["a", "b", "c", "d"]) policy.added(key(one));
    const victim = policy.victim() as string;
    counts.set(victim, (counts.get(victim) ?? 0) + 1);
  }
  for (const count of counts.values()) assert.ok(count > 700 && count < 1300, String([...counts]));
});
