import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../core/errors.ts";
import { KiB, MiB } from "../../../core/units.ts";
import { ReadTimes } from "./read-times.ts";

function steered() {
  const clock = { now: 0 };
  const reads = new ReadTimes({ ticks: () => clock.now });
  const took = (bytes: number, ms: number, error?: Error): Promise<unknown> =>
    reads
      .timed(bytes, async () => {
        clock.now += ms;
        if (error) throw error;
        return bytes;
      })
      .catch(() => undefined);
  return { clock, reads, took };
}

describe("times of reads", () => {
  test("what is expected follows the reads of that size, and is nearest to the newest", async () => {
    const { reads, took } = steered();
    for (let index = 0; index < 20; index++) await took(KiB, 4);
    assert.equal(reads.expectedMs(KiB), 4);
    for (let index = 0; index < 20; index++) await took(KiB, 40);
    assert.ok(reads.expectedMs(KiB) > 39);
    await took(8 * MiB, 500);
    assert.ok(reads.expectedMs(KiB) < 41, "a large read says nothing of small ones");
    assert.equal(reads.expectedMs(8 * MiB), 500);
    assert.equal(reads.expectedMs(2 * MiB), 500, "the nearest size says more than nothing");
  });

  test("a volume that is being read from is expected to take longer, until the reads have ended", async () => {
    const { reads, took } = steered();
    await took(KiB, 4);
    const end = Promise.withResolvers<number>();
    const reading = reads.timed(4 * MiB, () => end.promise);
    assert.equal(reads.expectedMs(KiB), 8);
    end.resolve(1);
    await reading;
    await assert.rejects(reads.timed(4 * MiB, () => Promise.reject(new TypeError("bug"))));
    assert.equal(reads.expectedMs(KiB), 4);
  });

  test("what is long past is forgiven where that is asked for", async () => {
    const { clock, reads, took } = steered();
    await took(KiB, 200);
    assert.equal(reads.forgivingMs(KiB), 200);
    clock.now += 60_000;
    assert.ok(reads.forgivingMs(KiB) < 1);
    assert.equal(reads.expectedMs(KiB), 200);
    await took(KiB, 4);
    assert.ok(reads.expectedMs(KiB) < 5, "a read after a long time says more than what was before");
  });

  test("a slow volume that is tried again and called back is as slow as it was", async () => {
    const { clock, reads, took } = steered();
    await took(KiB, 200);
    clock.now += 60_000;
    await took(KiB, 5, fault("CANCELLED", "called back"));
    assert.equal(reads.forgivingMs(KiB), 200);
  });

  test("the 95th percentile is of the recent reads, and needs some", async () => {
    const { reads, took } = steered();
    for (let ms = 1; ms <= 19; ms++) await took(KiB, ms);
    assert.equal(reads.p95Ms(KiB), undefined);
    await took(KiB, 20);
    assert.equal(reads.p95Ms(KiB), 19);
    assert.equal(reads.p95Ms(MiB), undefined);
    for (let index = 0; index < 128; index++) await took(KiB, 3);
    assert.equal(reads.p95Ms(KiB), 3);
  });

  test("no answer counts as a second at least, one that was called back as twice its time if that is news, and other faults not at all", async () => {
    const { reads, took } = steered();
    await took(KiB, 10);
    await took(KiB, 3, fault("CANCELLED", "called back"));
    await took(KiB, 3, fault("OBJECT_MISSING", "not there"));
    assert.equal(reads.expectedMs(KiB), 10);
    await took(KiB, 10, fault("CANCELLED", "called back"));
    assert.ok(reads.expectedMs(KiB) > 13);
    await took(KiB, 1, fault("VOLUME_UNREACHABLE", "refused"));
    assert.ok(reads.expectedMs(KiB) > 300);
  });
});
