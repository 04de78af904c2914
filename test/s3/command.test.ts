/** The command over a bucket and a folder: what is pushed to both is loaded, scrubbed, collected, rebuilt and mended from either. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Bench } from "../cli/command.ts";
import { emptyPlace, freshUrl, servers } from "./servers.ts";

for (const [name, want] of Object.entries(servers)) {
  const { url, skip } = want();
  describe(`the command over a bucket of ${name}`, { skip }, () => {
    test("from the first push to the rebuild", { timeout: 240_000 }, async () => {
      using bench = new Bench();
      const bucket = freshUrl(url);
      const model = bench.model("model", 24);
      const same = (folder: string): void =>
        assert.deepEqual(readFileSync(bench.path(folder, "model.safetensors")), readFileSync(bench.path("model", "model.safetensors")));

      assert.equal((await bench.json(0, "volumes", "add", bucket, "--name", "cloud")).url, bucket);
      await bench.json(0, "volumes", "add", "disk", "--name", "disk");
      const { version } = await bench.json(0, "push", model, "acme/chat", "--replicas", "2");
      await bench.json(0, "pull", "acme/chat", "both");
      same("both");

      // The bucket alone has all of it, and mends the folder.
      rmSync(bench.path("disk", "shard"), { recursive: true });
      const pulled = await bench.json(0, "pull", "acme/chat", "from-bucket");
      same("from-bucket");
      const scrubbed = await bench.json(0, "scrub", "--repair");
      const mended = (pulled.repaired as number) + (scrubbed.repaired as number); // by the load, where it looked in the folder, and by the scrub
      assert.ok(mended > 0 && scrubbed.repaired === scrubbed.missing && scrubbed.damaged === 0, JSON.stringify({ pulled, scrubbed }));
      const again = await bench.json(0, "scrub");
      assert.deepEqual([again.missing, again.damaged], [0, 0]);

      // What no version needs any more goes from the bucket too.
      writeFileSync(bench.path("model", "extra.bin"), Buffer.alloc(3_000_000, "x"));
      await bench.json(0, "push", model, "acme/other", "--replicas", "2");
      await bench.json(0, "rm", "acme/other", "--yes");
      const collected = await bench.json(0, "gc", "--hold", "0s", "--approve");
      assert.ok((collected.removed as number) > 0, JSON.stringify(collected));

      // Without the catalog, and without the folder.
      for (const ending of ["", "-wal", "-shm"]) rmSync(bench.path("store", `catalog.sqlite${ending}`), { force: true });
      rmSync(bench.path("disk"), { recursive: true });
      const rebuilt = await bench.json(0, "rebuild", "--allow-missing");
      assert.deepEqual([rebuilt.versions, rebuilt.damaged], [1, 0], JSON.stringify(rebuilt));
      await bench.json(0, "pull", `acme/chat@${version}`, "rebuilt");
      same("rebuilt");
      await emptyPlace(bucket);
    });

    test("by the settings file, as the only volume", async () => {
      using bench = new Bench();
      const bucket = freshUrl(url);
      mkdirSync(bench.path("store"));
      writeFileSync(bench.path("store", "holdfast.yaml"), `volumes:\n  - { name: cloud, url: ${JSON.stringify(bucket)}, domain: dc2 }\n`);
      await bench.json(0, "push", bench.model("model"), "acme/chat");
      const { volumes } = (await bench.json(0, "volumes", "list")) as { volumes: readonly Record<string, unknown>[] };
      assert.deepEqual(volumes.map(({ name, url, domain, reachable }) => [name, url, domain, reachable]), [["cloud", bucket, "dc2", true]]); // biome-ignore format: one line
      await bench.json(0, "doctor");
      await bench.json(0, "pull", "acme/chat", "copy");
      assert.deepEqual(readFileSync(bench.path("copy", "model.safetensors")), readFileSync(bench.path("model", "model.safetensors")));
      await emptyPlace(bucket);
      const { advice } = await bench.fails(7, "VOLUME_UNREACHABLE", "pull", "acme/chat", "gone");
      assert.ok(advice);
    });

    test("a bucket that is another store's is not taken, nor one that is not there", async () => {
      using ours = new Bench();
      using theirs = new Bench();
      const bucket = freshUrl(url);
      await ours.json(0, "volumes", "add", bucket);
      await theirs.fails(5, "VOLUME_FOREIGN", "volumes", "add", bucket);
      const { advice } = await theirs.fails(7, "VOLUME_UNREACHABLE", "volumes", "add", bucket.replace(/^s3:\/\/[^/?]+/, "s3://no-such-bucket-of-ours"));
      assert.match(advice ?? "", /bucket exists/);
      await theirs.fails(8, "CONFIG_INVALID", "volumes", "add", bucket.replace("region=", "regoin="));
      await emptyPlace(bucket);
    });
  });
}
