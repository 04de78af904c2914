import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MiB } from "../../core/units.ts";
import { HedgeBudget } from "./hedge-budget.ts";

const step = fc.record({ read: fc.boolean(), bytes: fc.integer({ min: 1, max: 8 * MiB }) });

test("whatever is read and wished for, what is read twice is at most a twentieth of what was read once", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const budget = new HedgeBudget();
      let [once, twice] = [0, 0];
      for (const { read, bytes } of steps) {
        if (read) {
          budget.earn(bytes);
          once += bytes;
        } else if (budget.take(bytes)) twice += bytes;
        assert.ok(twice <= once * 0.05);
      }
    }),
  );
});

test("what is saved up is bounded: a day of quiet reads does not pay for a storm", () => {
  const budget = new HedgeBudget();
  for (let index = 0; index < 10_000; index++) budget.earn(8 * MiB);
  let taken = 0;
  while (budget.take(MiB)) taken++;
  assert.equal(taken, 16);
});
