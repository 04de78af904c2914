import assert from "node:assert/strict";
import { test } from "node:test";
import { Breaker } from "./breaker.ts";

function steered() {
  const clock = { now: 0 };
  return { clock, breaker: new Breaker({ ticks: () => clock.now }) };
}

test("one failure is none; two in a row open it, and a success between them does not count", () => {
  const { breaker } = steered();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  assert.equal(breaker.allows(), true);
  breaker.failed();
  assert.equal(breaker.allows(), false);
});

test("when it has rested it lets one call through, and no other until that has ended", () => {
  const { clock, breaker } = steered();
  breaker.failed();
  breaker.failed();
  clock.now = 999;
  assert.equal(breaker.allows(), false);
  clock.now = 1000;
  assert.deepEqual([breaker.allows(), breaker.allows()], [true, false]);
  breaker.succeeded();
  assert.deepEqual([breaker.allows(), breaker.allows()], [true, true]);
});

test("each failed probe doubles the rest, to half a minute", () => {
  const { clock, breaker } = steered();
  breaker.failed();
  breaker.failed();
  for (const restMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    clock.now += restMs - 1;
    assert.equal(breaker.allows(), false, `rests for ${restMs}`);
    clock.now += 1;
    assert.equal(breaker.allows(), true, `probes after ${restMs}`);
    breaker.failed();
  }
});

test("a probe that was given up lets the next one through", () => {
  const { clock, breaker } = steered();
  breaker.failed();
  breaker.failed();
  clock.now = 1000;
  assert.equal(breaker.allows(), true);
  breaker.undecided();
  assert.equal(breaker.allows(), true);
});
