/** Servers that are not there: work goes on at once as if nobody else were there, and only whoever asks is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { realWorld } from "../../../core/world/index.ts";
import { underLock } from "../locks.ts";
import { openCoordinator } from "../open.ts";

const never = new AbortController().signal;

for (const url of ["redis://127.0.0.1:1,127.0.0.1:2", "redis-cluster://127.0.0.1:1,127.0.0.1:2"])
  test(`nobody at ${url}`, async () => {
    await using coordinator = await openCoordinator(url, { world: realWorld, clusterId: "test" });
    const { locks, counters, events } = coordinator;
    const done = await underLock(locks, realWorld, { name: "a", leaseMs: 1000, waitMs: 60_000 }, never, async (held) => held?.token);
    assert.equal(done, 0);
    assert.equal((await locks.take(["a", "b"], 1000, never)).filter(Boolean).length, 2);
    await counters.add("g", [{ name: "a", count: 1 }], never);
    assert.deepEqual([await counters.read("g", ["a"], never), await counters.top("g", 3, never)], [[0], []]);
    const listening = events.listen("t", () => assert.fail("nobody says anything"));
    await events.tell("t", "hello", never);
    listening[Symbol.dispose]();
    await assert.rejects(coordinator.check(never), (error) => isFault(error, "CACHE_UNREACHABLE"));
  });

test("a URL that no driver takes is refused", async () => {
  await assert.rejects(openCoordinator("zookeeper://z", { world: realWorld, clusterId: "test" }), (error) => isFault(error, "CONFIG_INVALID"));
  await assert.rejects(openCoordinator("redis://", { world: realWorld, clusterId: "test" }), (error) => isFault(error, "CONFIG_INVALID"));
});
