/** Many processes load one cold model at once through Redis: each chunk is read from volumes by one of them. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes } from "../../src/core/units.ts";
import { wantEngine } from "../services/wanted.ts";
import { Holdfast, patience } from "./command.ts";
import { makeModel } from "./make/model.ts";
import { show } from "./place.ts";
import { cacheInRedis } from "./redis-store.ts";
import { assertSame, digestsOf } from "./trees.ts";

const shareMax = 1.02;

export const oneFiller = show({
  says: "16 processes load one cold model at once through Redis: bytes read from volumes are at most 1.02 times the model",
  full: { modelBytes: 128e6, processes: 16 },
  small: { modelBytes: 24e6, processes: 6 },
  async run(place, { modelBytes, processes }) {
    const { url, skip } = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
    assert.ok(!skip, String(skip));
    const holdfast = new Holdfast(place.folder);
    const source = join(place.folder, "model");
    const { digests } = await makeModel(source, { bytes: modelBytes, parts: 2, seed: 1 });
    const wait = patience(modelBytes * processes);
    await holdfast.push(source, "acme/model", [], wait);
    const alone = await holdfast.pull("acme/model", join(place.folder, "alone"), [], wait);
    await cacheInRedis(holdfast.store, url);
    try {
      const startedMs = performance.now();
      const targets = Array.from({ length: processes }, (_, at) => join(place.folder, `loaded-${at}`));
      const pulled = await Promise.all(targets.map((target) => holdfast.pull("acme/model", target, ["--workers", "2"], wait)));
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      for (const target of targets) {
        assertSame(await digestsOf(target), digests, target);
        await rm(target, { recursive: true });
      }
      const fetched = pulled.reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0);
      const cached = pulled.reduce((sum, { cachedBytes }) => sum + cachedBytes, 0);
      const share = fetched / alone.fetchedBytes;
      const figures = `${formatBytes(fetched)} read from volumes, ${formatBytes(cached)} from Redis`;
      place.say(
        `${processes} loads of ${formatBytes(modelBytes)} in ${seconds} s: ${figures}; one alone reads ${formatBytes(alone.fetchedBytes)}: ${share.toFixed(3)} times`,
      );
      assert.ok(share <= shareMax, `${share.toFixed(3)} times is more than ${shareMax}`);
    } finally {
      await holdfast.ok(["cache", "clear"], wait);
    }
  },
});
