import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { countMs, emptyHistogram, quantileMs } from "./histogram.ts";
import { measure, VolumeMeter } from "./measure.ts";
import { ReadTimes } from "./read-times.ts";
import { got, impatientWorld, keyOf, keysOf, never, withFaults } from "./test-tools.ts";

function measures(meter: VolumeMeter): Parameters<typeof measure>[1] {
  const world = impatientWorld();
  return { world, meter, reads: new ReadTimes(world) };
}

describe("measure", () => {
  test("counts operations, bytes and failures by code", async () => {
    const meter = new VolumeMeter();
    const { volume } = withFaults([{ op: "get", fault: "eio", nth: 2 }]);
    const measured = measure(volume, measures(meter));
    await got(measured);
    await got(measured).catch(() => undefined);
    await measured.put(keyOf("cd"), [Buffer.alloc(100)], never);
    await measured.put(keyOf("cd"), [Buffer.alloc(100)], never).catch(() => undefined);
    await keysOf(measured.list(undefined, never));
    const { get, put, list, remove } = meter.snapshot();
    assert.deepEqual([get.operations, get.bytes, get.failures], [2, 10, { VOLUME_UNREACHABLE: 1 }]);
    assert.deepEqual([put.operations, put.bytes, put.failures], [2, 100, { OBJECT_EXISTS: 1 }]);
    assert.deepEqual([list.operations, list.latency.reduce((sum, count) => sum + count, 0)], [1, 3]);
    assert.equal(remove.operations, 0);
  });

  test("a snapshot does not change any more", async () => {
    const meter = new VolumeMeter();
    const measured = measure(withFaults([]).volume, measures(meter));
    const before = meter.snapshot();
    await got(measured);
    assert.equal(before.get.operations, 0);
  });

  test("quantiles are at most a fourth root of two above the truth", () => {
    const histogram = emptyHistogram();
    for (let ms = 1; ms <= 1000; ms++) countMs(histogram, ms);
    for (const quantile of [0.01, 0.5, 0.9, 0.99, 1]) {
      const estimate = quantileMs(histogram, quantile);
      assert.ok(estimate >= quantile * 1000 * 0.999 && estimate <= quantile * 1000 * 2 ** 0.25 * 1.001, `${quantile}: ${estimate}`);
    }
    assert.equal(quantileMs(emptyHistogram(), 0.5), 0);
    for (const odd of [0, 1e12]) countMs(histogram, odd);
    assert.ok(Number.isFinite(quantileMs(histogram, 1)));
  });
});
