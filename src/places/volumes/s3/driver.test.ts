/** The suite of the seam against real servers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wantEngine } from "../../../../test/services/wanted.ts";
import { isFault } from "../../../core/errors.ts";
import { rangeOf } from "../../../core/range.ts";
import { MiB } from "../../../core/units.ts";
import { volumeConformance } from "../conformance.ts";
import { assertFails, assertHolds, freshKey, sampleBytes, sharedBytes } from "../conformance-tools.ts";
import { driver } from "./index.ts";
import { sweepUploads } from "./sweep.ts";
import { apiAt, environmentOf, fixtureAt, freshUrl, never, openUploads, placeAt } from "./test-tools.ts";

const servers = { MinIO: "HOLDFAST_TEST_S3_MINIO", versitygw: "HOLDFAST_TEST_S3_VERSITY" } as const;

for (const [name, variable] of Object.entries(servers)) {
  const { url, skip } = wantEngine(variable);
  if (skip) {
    test(`volume s3 on ${name}`, { skip }, () => undefined);
    continue;
  }
  volumeConformance(`s3 on ${name}`, () => fixtureAt(url));

  describe(`volume s3 on ${name}, beside the suite`, () => {
    test("an object in parts, with an odd rest, is got whole and in ranges over their seams", async () => {
      const { volume, dispose } = await fixtureAt(`${url}&part=5MiB`);
      const bytes = sampleBytes(17 * MiB + 77);
      const key = freshKey();
      const views = [sharedBytes(bytes.subarray(0, 3 * MiB + 1)), bytes.subarray(3 * MiB + 1)];
      assert.equal(await volume.put(key, views, never), "checksum", "the server keeps the checksum of the parts' checksums");
      await assertHolds(volume, key, bytes);
      const seam = Buffer.alloc(100);
      assert.equal(await volume.get(key, rangeOf(5 * MiB - 50, 100), [seam], never), 100);
      assert.ok(seam.equals(bytes.subarray(5 * MiB - 50, 5 * MiB + 50)));
      await assertFails(volume.put(key, [bytes], never), "OBJECT_EXISTS");
      await dispose();
    });

    test("the server keeps our checksum, and has compared it; with verify=read that is not believed", async () => {
      for (const [settings, evidence] of [
        ["", "checksum"],
        ["&verify=read", "none"],
      ] as const) {
        // biome-ignore format: one line
        const { volume, dispose } = await fixtureAt(`${url}${settings}`);
        assert.equal(await volume.put(freshKey(), [sampleBytes(100_000)], never), evidence);
        await dispose();
      }
    });

    test("of several that put one key in parts exactly one wins", async () => {
      const { volume, dispose } = await fixtureAt(`${url}&part=5MiB`);
      const key = freshKey();
      const bodies = Array.from({ length: 4 }, (_, index) => sampleBytes(11 * MiB + index, index));
      const outcomes = await Promise.allSettled(bodies.map((body) => volume.put(key, [body], never)));
      const winners = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [index] : []));
      assert.equal(winners.length, 1, outcomes.map((outcome) => (outcome.status === "rejected" ? String(outcome.reason) : "won")).join("\n"));
      await assertHolds(volume, key, bodies[winners[0] as number] as Buffer);
      await dispose();
    });

    test("a place that holds something else is not taken, nor one in a bucket that is not there", async () => {
      const { volume, url: taken, dispose } = await fixtureAt(url);
      const outer = new URL(taken);
      outer.pathname = outer.pathname.split("/").slice(0, -1).join("/");
      await assertFails(driver.prepare(placeAt(outer.href), environmentOf(process.env)), "VOLUME_FOREIGN");
      await driver.prepare(placeAt(taken), environmentOf(process.env)); // again is no error
      const elsewhere = freshUrl(url).replace(/^s3:\/\/[^/?]+/, "s3://no-such-bucket-of-ours");
      await assertFails(driver.prepare(placeAt(elsewhere), environmentOf(process.env)), "VOLUME_UNREACHABLE");
      const gone = await driver.open(placeAt(elsewhere), environmentOf(process.env));
      await assertFails(gone.get(freshKey(), rangeOf(0, 1), [Buffer.alloc(1)], never), "VOLUME_UNREACHABLE");
      await assertFails(gone.put(freshKey(), [], never), "VOLUME_UNREACHABLE");
      await assertFails(gone.stat([freshKey()], never)[Symbol.asyncIterator]().next(), "VOLUME_UNREACHABLE");
      await volume[Symbol.asyncDispose]();
      await dispose();
    });

    test("without keys, or with wrong ones, everything is ACCESS_DENIED", async () => {
      const { url: taken, dispose } = await fixtureAt(url);
      for (const env of [
        { HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true" },
        { ...process.env, AWS_SECRET_ACCESS_KEY: "wrong" },
        { ...process.env, AWS_ACCESS_KEY_ID: "nobody" },
      ]) {
        await using volume = await driver.open(placeAt(taken), environmentOf(env));
        await assertFails(volume.get(freshKey(), rangeOf(0, 1), [Buffer.alloc(1)], never), "ACCESS_DENIED");
        await assertFails(volume.put(freshKey(), [sampleBytes(5)], never), "ACCESS_DENIED");
        await assertFails(volume.stat([freshKey()], never)[Symbol.asyncIterator]().next(), "ACCESS_DENIED");
        await assertFails(volume.list(undefined, never)[Symbol.asyncIterator]().next(), "ACCESS_DENIED");
        await assertFails(volume.remove([freshKey()], never), "ACCESS_DENIED");
      }
      await dispose();
    });

    test("an upload that somebody left is aborted when it is old enough, and no other", async () => {
      const { url: taken, volume, dispose } = await fixtureAt(url);
      const { api, start, client } = apiAt(taken);
      const key = `${start}${freshKey()}`;
      assert.equal((await api.send({ method: "POST", key, query: { uploads: "" } }, never)).status, 200);
      const [left] = await openUploads(api, start);
      assert.ok(left, "the server does not list its uploads");
      assert.equal(await sweepUploads(api, start, 3600_000, never), 0);
      assert.equal(await sweepUploads(api, `${start}elsewhere/`, -3600_000, never), 0);
      assert.deepEqual(await openUploads(api, start), [left]);
      assert.equal(await sweepUploads(api, start, -3600_000, never), 1);
      assert.deepEqual(await openUploads(api, start), []);
      await client[Symbol.asyncDispose]();
      await volume[Symbol.asyncDispose]();
      await dispose();
    });

    test("a put in parts that is cancelled leaves nothing, and can be done again", async () => {
      const { volume, url: taken, dispose } = await fixtureAt(`${url}&part=5MiB`);
      const { api, start, client } = apiAt(taken);
      const [key, stop] = [freshKey(), new AbortController()];
      const bytes = sharedBytes(sampleBytes(40 * MiB));
      const putting = volume.put(key, [bytes], stop.signal).catch((error: unknown) => error);
      let settled = false;
      void putting.then(() => (settled = true));
      while (!settled && (await openUploads(api, start)).length === 0);
      stop.abort();
      const outcome = await putting;
      assert.ok(!(outcome instanceof Error) || isFault(outcome, "CANCELLED"), String(outcome));
      assert.deepEqual(await openUploads(api, start), []);
      await client[Symbol.asyncDispose]();
      if (outcome instanceof Error) await volume.put(key, [bytes], never);
      await assertHolds(volume, key, Buffer.from(bytes));
      await dispose();
    });
  });
}
