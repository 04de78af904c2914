/** S1, S2, S7: 5 % of requests answered 503 and 1 % of exchanges cut in the middle, uploads too. A whole push and load: test/acceptance/s3-faults.ts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseVolumeName } from "../../src/core/names.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { directDisk } from "../../src/machine/disk.ts";
import { assertHolds, freshKey, listedKeys, never, sampleBytes } from "../../src/places/volumes/conformance-tools.ts";
import { claimVolume } from "../../src/places/volumes/index.ts";
import { faultingProxy } from "./faulting-proxy.ts";
import { emptyPlace, endpointOf, freshUrl, servers } from "./servers.ts";

const rates = { refused: 0.05, cut: 0.01 };
/** Enough that every kind of fault is drawn. */
const objects = 400;
const objectBytes = 100_000;
const atOnce = 8;

for (const [name, want] of Object.entries(servers)) {
  const { url, skip } = want();
  describe(`faults before ${name}`, { skip }, () => {
    test("hundreds of objects come through", { timeout: 300_000 }, async (context) => {
      await using proxy = await faultingProxy(endpointOf(url), rates, 7);
      const direct = freshUrl(url);
      const throughProxy = new URL(direct);
      throughProxy.searchParams.set("endpoint", proxy.origin);
      const place = { name: parseVolumeName("cloud"), url: throughProxy.href, failureDomain: "cloud", id: "1".repeat(32) };
      await using volume = await claimVolume(place, "c".repeat(32), { disk: directDisk(), world: realWorld, env: process.env });
      const keys = Array.from({ length: objects }, () => freshKey());
      for (let at = 0; at < objects; at += atOnce)
        await Promise.all(keys.slice(at, at + atOnce).map((key, index) => volume.put(key, [sampleBytes(objectBytes + at + index, at)], never)));
      for (let at = 0; at < objects; at += atOnce)
        await Promise.all(keys.slice(at, at + atOnce).map((key, index) => assertHolds(volume, key, sampleBytes(objectBytes + at + index, at))));
      assert.deepEqual(await listedKeys(volume), keys.toSorted());
      await volume.remove(keys, never);
      assert.deepEqual(await listedKeys(volume), []);
      await emptyPlace(direct);
      context.diagnostic(`${name}: ${JSON.stringify(proxy.counts)}`);
      const { refused, cutUploads, cutDownloads, lostAnswers } = proxy.counts;
      assert.ok(refused > 0 && cutUploads > 0 && cutDownloads > 0 && lostAnswers > 0, "a kind of fault was not drawn: the test shows less than it says");
    });
  });
}
