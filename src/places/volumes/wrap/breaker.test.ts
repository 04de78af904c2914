import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { VolumeHealth } from "../health.ts";
import type { MemoryObjects } from "../memory/driver.ts";
import { breaker, insisting } from "./breaker.ts";
import type { FaultRule } from "./fault-plan.ts";
import { measure } from "./measure.ts";
import { body, fails, got, impatientWorld, key, keyOf, keysOf, never, withFaults } from "./test-tools.ts";

const always = (op: FaultRule["op"], from = 1, times: FaultRule["times"] = "always"): FaultRule => ({ op, fault: "eio", nth: from, times });

function guarded(rules: readonly FaultRule[], objects: MemoryObjects = new Map([[key, Buffer.concat(body)]])) {
  const world = impatientWorld();
  const health = new VolumeHealth(world);
  const { volume } = withFaults(rules, objects);
  const { meter, reads } = health;
  const asked = (): number => meter.snapshot().get.operations;
  return { world, health, asked, volume: breaker(measure(volume, { world, meter, reads }), { world, health }) };
}

async function failTimes(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < times; index++) await fails(work(), "VOLUME_UNREACHABLE");
}

describe("breaker", () => {
  test("after five in a row that were not answered a volume is not asked, and says when it will be and what was wrong", async () => {
    const { volume, asked, health } = guarded([always("get")]);
    await failTimes(5, () => got(volume));
    assert.equal(asked(), 5);
    await assert.rejects(got(volume), (error) => isFault(error, "VOLUME_UNREACHABLE") && /asked again in 1000 ms.*EIO/.test(error.message));
    assert.equal(asked(), 5);
    assert.equal(health.breakers.reads.isOpen, true);
    assert.match(String(health.lastFailure?.error), /EIO/);
  });

  test("a place that takes no writes is read all the same, and the other way round", async () => {
    const reading = guarded([always("get")]).volume;
    await failTimes(5, () => got(reading));
    await fails(keysOf(reading.list(undefined, never)), "VOLUME_UNREACHABLE");
    await fails(keysOf(reading.stat([key], never)), "VOLUME_UNREACHABLE");
    await reading.put(keyOf("cd"), body, never);
    const writing = guarded([always("put")]).volume;
    await failTimes(5, () => writing.put(keyOf("cd"), body, never));
    await fails(writing.remove([key], never), "VOLUME_UNREACHABLE");
    assert.equal(await got(writing), "some bytes");
  });

  test("when it has rested one call sees whether the volume is back", async () => {
    const { volume, world, health } = guarded([always("get", 1, 6)]);
    await failTimes(5, () => got(volume));
    await world.sleep(1000, never);
    await fails(got(volume), "VOLUME_UNREACHABLE");
    await world.sleep(1999, never);
    await fails(got(volume), "VOLUME_UNREACHABLE");
    await world.sleep(1, never);
    assert.equal(await got(volume), "some bytes");
    assert.equal(health.breakers.reads.isOpen, false);
  });

  test("an answer is an answer: what is missing, full or denied does not open it, and ends a run of failures", async () => {
    const { volume, health } = guarded([always("put", 1, 4), { op: "put", fault: "enospc", nth: 5 }, always("put", 6, 4)]);
    const put = () => volume.put(keyOf("cd"), body, never);
    await failTimes(4, put);
    await fails(put(), "VOLUME_FULL");
    await failTimes(4, put);
    assert.equal(health.breakers.writes.isOpen, false);
  });

  test("whoever insists asks all the same, and closes it for everybody when there is an answer", async () => {
    const { volume, asked, health } = guarded([always("get", 1, 6)]);
    await failTimes(5, () => got(volume));
    await fails(got(insisting(volume)), "VOLUME_UNREACHABLE");
    assert.equal(asked(), 6);
    assert.equal(await got(insisting(volume)), "some bytes");
    assert.equal(health.breakers.reads.isOpen, false);
    assert.equal(await got(volume), "some bytes");
  });

  test("a list that is going on goes on", async () => {
    const { volume, health } = guarded([always("get")], new Map(["01", "02", "03"].map((hex) => [keyOf(hex), Buffer.alloc(1)])));
    const listing = volume.list(undefined, never)[Symbol.asyncIterator]();
    await listing.next();
    await failTimes(5, () => got(volume));
    assert.equal(health.breakers.reads.isOpen, true);
    assert.equal((await listing.next()).done, false);
  });

  test("without a breaker there is nothing to look through", () => {
    const { volume } = withFaults([]);
    assert.equal(insisting(volume), volume);
  });
});
