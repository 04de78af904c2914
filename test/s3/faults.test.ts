/** S1–S3: 5 % of requests answered 503 and 1 % of exchanges cut in the middle, uploads too: a push and a load come through, and leave nothing half. */
import assert from "node:assert/strict";
import { createHash, randomFillSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { parseVolumeName } from "../../src/core/names.ts";
import { MiB } from "../../src/core/units.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { open } from "../../src/index.ts";
import { directDisk } from "../../src/machine/disk.ts";
import { assertHolds, freshKey, listedKeys, never, sampleBytes } from "../../src/places/volumes/conformance-tools.ts";
import { claimVolume } from "../../src/places/volumes/index.ts";
import { identityKey } from "../../src/places/volumes/keys.ts";
import { faultingProxy } from "./faulting-proxy.ts";
import { endpointOf, freshUrl, servers } from "./servers.ts";

const rates = { refused: 0.05, cut: 0.01 };
/** Enough requests that every kind of fault is drawn. */
const files = 6;
const fileBytes = 24 * MiB;
const pulls = 2;

const objects = 400;
const objectBytes = 100_000;
const atOnce = 8;

function makeModel(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-s3-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "model"));
  for (let file = 0; file < files; file++) writeFileSync(join(folder, "model", `part-${file}.bin`), randomFillSync(Buffer.alloc(fileBytes)));
  return folder;
}

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

for (const [name, want] of Object.entries(servers)) {
  const { url, skip } = want();
  describe(`faults before ${name}`, { skip }, () => {
    test("a push and loads come through", { timeout: 300_000 }, async (context) => {
      const folder = makeModel(context);
      await using proxy = await faultingProxy(endpointOf(url), rates, 20_261_124);
      await using store = await open({ store: join(folder, "store"), env: process.env, workers: 2 });
      await store.volumes.add(freshUrl(url, { endpoint: proxy.origin, part: "5MiB" }), { name: "cloud" });
      await store.push(join(folder, "model"), "ns/model", { encode: "raw" });
      for (let turn = 0; turn < pulls; turn++) {
        const target = join(folder, `target-${turn}`);
        await store.pull("ns/model", target);
        for (let file = 0; file < files; file++) assert.equal(sha256(join(target, `part-${file}.bin`)), sha256(join(folder, "model", `part-${file}.bin`)));
      }
      const { damaged, missing } = await store.scrub();
      assert.deepEqual([damaged, missing], [0, 0]);
      context.diagnostic(`${name}: ${JSON.stringify(proxy.counts)}`);
      const { refused, cutUploads, cutDownloads, lostAnswers } = proxy.counts;
      assert.ok(refused > 0 && cutUploads + cutDownloads + lostAnswers > 0, "no fault was drawn: the test shows nothing");
    });

    test("hundreds of objects come through", { timeout: 300_000 }, async (context) => {
      await using proxy = await faultingProxy(endpointOf(url), rates, 7);
      const place = { name: parseVolumeName("cloud"), url: freshUrl(url, { endpoint: proxy.origin }), failureDomain: "cloud", id: "1".repeat(32) };
      await using volume = await claimVolume(place, "c".repeat(32), { disk: directDisk(), world: realWorld, env: process.env });
      const keys = Array.from({ length: objects }, () => freshKey());
      for (let at = 0; at < objects; at += atOnce)
        await Promise.all(keys.slice(at, at + atOnce).map((key, index) => volume.put(key, [sampleBytes(objectBytes + at + index, at)], never)));
      for (let at = 0; at < objects; at += atOnce)
        await Promise.all(keys.slice(at, at + atOnce).map((key, index) => assertHolds(volume, key, sampleBytes(objectBytes + at + index, at))));
      assert.deepEqual(await listedKeys(volume), keys.toSorted());
      await volume.remove([...keys, identityKey], never);
      context.diagnostic(`${name}: ${JSON.stringify(proxy.counts)}`);
      const { refused, cutUploads, cutDownloads, lostAnswers } = proxy.counts;
      assert.ok(refused > 0 && cutUploads > 0 && cutDownloads > 0 && lostAnswers > 0, "a kind of fault was not drawn: the test shows less than it says");
    });
  });
}
