import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDigest } from "../../../core/digest.ts";
import { isFault } from "../../../core/errors.ts";
import { parseDomainName, parseVolumeName } from "../../../core/names.ts";
import { rangeOf } from "../../../core/range.ts";
import { volumeConformance } from "../conformance.ts";
import { freshKey, sampleBytes } from "../conformance-tools.ts";
import { claimIdentity } from "../identity.ts";
import { objectKey } from "../keys.ts";
import type { Evidence, ObjectKey, Volume } from "../volume.ts";
import { driver } from "./index.ts";
import { claimed, environment, Folder, fails, fixture, identity, never, onHdfs } from "./test-tools.ts";

onHdfs("a real HDFS", () => {
  volumeConformance("hdfs", fixture);

  volumeConformance("hdfs with the smallest blocks, behind a NameNode that is gone", async () => {
    const folder = new Folder();
    const volume = await claimed(folder.url({ blocksize: "1MiB", replication: "2" }, ["127.0.0.1:1", ...folder.nameNodes]));
    return { volume, dispose: () => folder.remove() };
  });
});

onHdfs("the checksum that HDFS keeps", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, number, Evidence])[] = [
    ["of a file of one block is ours", {}, 3_000_001, "checksum"],
    ["of a file of several blocks is ours", { blocksize: "1MiB" }, 3_000_001, "checksum"],
    ["of a file of nine blocks is ours", { blocksize: "1MiB" }, (8 << 20) + 1, "checksum"],
    ["of a file that ends with its block is ours", { blocksize: "1MiB" }, 2 << 20, "checksum"],
    ["is not asked for with verify=read", { verify: "read" }, 100_000, "none"],
  ];
  for (const [name, settings, bytes, evidence] of cases)
    test(name, async () => {
      const folder = new Folder();
      await using volume = await claimed(folder.url(settings));
      assert.equal(await volume.put(freshKey(), [sampleBytes(bytes).subarray(0, 700), sampleBytes(bytes).subarray(700)], never), evidence);
      await folder.remove();
    });
});

const keyOf = (hex: string): ObjectKey =>
  objectKey({ kind: "shard", domain: parseDomainName("domain"), digest: parseDigest(hex.padEnd(64, "0")), generation: 1 });
const key = keyOf("ab");
const body = [Buffer.from("some bytes")];
const get = (volume: Volume, what = key): Promise<number> => volume.get(what, rangeOf(0, 4), [Buffer.alloc(4)], never);

async function count(stats: AsyncIterable<unknown>): Promise<number> {
  let all = 0;
  for await (const _ of stats) all++;
  return all;
}

async function withVolume(run: (volume: Volume, folder: Folder) => Promise<void>): Promise<void> {
  const folder = new Folder();
  try {
    await using volume = await claimed(folder.url());
    await run(volume, folder);
  } finally {
    await folder.remove();
  }
}

async function assertAbsent(volume: Volume): Promise<void> {
  await fails(get(volume), "VOLUME_IDENTITY_MISSING");
  await fails(volume.put(keyOf("cd"), body, never), "VOLUME_IDENTITY_MISSING");
  await fails(count(volume.stat([key], never)), "VOLUME_IDENTITY_MISSING");
  await fails(count(volume.list(undefined, never)), "VOLUME_IDENTITY_MISSING");
  await fails(volume.remove([key], never), "VOLUME_IDENTITY_MISSING");
}

onHdfs("a folder in HDFS", () => {
  test("the copies of the volume are those of its URL", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      assert.equal(volume.traits.copies, 3);
      assert.equal(volume.traits.failureDomain, "rack");
      assert.equal((await folder.ask("GET", "GETFILESTATUS", `/${key}`))?.FileStatus?.replication, 3);
    }));

  test("D11: it is gone: no operation calls anything missing, and nothing is made anew", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      await folder.ask("PUT", "RENAME", "", { destination: `${folder.path}-away` });
      await assertAbsent(volume);
      assert.equal(await folder.ask("GET", "GETFILESTATUS"), undefined);
      await folder.ask("PUT", "RENAME", "-away", { destination: folder.path });
      assert.equal(await get(volume), 4);
    }));

  test("D13: another volume of the store in its place is VOLUME_FOREIGN", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      await folder.remove();
      const place = { name: parseVolumeName("other"), url: folder.url(), failureDomain: "other" };
      await driver.prepare(place, environment);
      await using other = await driver.open(place, environment);
      await claimIdentity(other, { ...identity, volumeId: "2".repeat(32) }, never);
      await fails(get(volume), "VOLUME_FOREIGN");
      await fails(volume.put(keyOf("cd"), body, never), "VOLUME_FOREIGN");
      await fails(count(volume.list(undefined, never)), "VOLUME_FOREIGN");
    }));

  test("the same identity written again is the same volume", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      await using twin = await claimed(folder.url());
      await twin.remove(["identity/volume" as ObjectKey], never);
      await claimIdentity(twin, identity, never);
      await volume.put(keyOf("cd"), body, never);
      assert.equal(await get(volume), 4);
    }));

  test("one that holds something else is refused with advice and left alone", async () => {
    const folder = new Folder();
    await folder.ask("PUT", "MKDIRS", "/thesis");
    const place = { name: parseVolumeName("lake"), url: folder.url(), failureDomain: "lake" };
    await assert.rejects(driver.prepare(place, environment), (error) => isFault(error, "VOLUME_FOREIGN") && /thesis/.test(error.message));
    assert.deepEqual(await folder.names(""), ["thesis"]);
    await folder.remove();
  });

  test("one in which a first identity did not get through can be claimed", async () => {
    const folder = new Folder();
    await folder.ask("PUT", "MKDIRS", "/identity");
    await using volume = await claimed(folder.url());
    await volume.put(key, body, never);
    assert.equal(await get(volume), 4);
    await folder.remove();
  });

  test("opening makes nothing", async () => {
    const folder = new Folder();
    await using volume = await driver.open({ name: parseVolumeName("lake"), url: folder.url(), failureDomain: "lake" }, environment);
    await fails(get(volume), "VOLUME_IDENTITY_MISSING");
    assert.equal(await folder.ask("GET", "GETFILESTATUS"), undefined);
  });

  test("a write leaves no temporary, whether it succeeds, finds its key taken, or is cancelled on the way", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      await fails(volume.put(key, body, never), "OBJECT_EXISTS");
      const [mine] = await folder.names("/tmp");
      assert.deepEqual(await folder.names(`/tmp/${mine}`), []);
      const stop = new AbortController();
      const putting = volume.put(keyOf("cd"), [Buffer.alloc(30_000_000)], stop.signal);
      while ((await folder.names(`/tmp/${mine}`)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort();
      await fails(putting, "CANCELLED");
      assert.deepEqual(await folder.names(`/tmp/${mine}`), []);
      await volume[Symbol.asyncDispose]();
      assert.deepEqual(await folder.names("/tmp"), []);
    }));

  test("temporaries of more than a day are swept on opening; younger ones and what is not ours are not", () =>
    withVolume(async (volume, folder) => {
      const dayAgo = String(Date.now() - 25 * 3600_000);
      await volume.put(key, body, never);
      await folder.ask("PUT", "MKDIRS", `/tmp/${"c".repeat(32)}/more`);
      await folder.ask("PUT", "SETTIMES", `/tmp/${"c".repeat(32)}`, { modificationtime: dayAgo, accesstime: dayAgo });
      for (const name of ["a".repeat(32), "b".repeat(32), "notes"]) {
        await folder.ask("PUT", "RENAME", `/${key}`, { destination: `${folder.path}/tmp/${name}` });
        if (!name.startsWith("b")) await folder.ask("PUT", "SETTIMES", `/tmp/${name}`, { modificationtime: dayAgo, accesstime: dayAgo });
        await volume.put(key, body, never);
      }
      const mine = await folder.names("/tmp");
      await using _ = await claimed(folder.url());
      const swept = ["a".repeat(32), "c".repeat(32)];
      assert.deepEqual(
        await folder.names("/tmp"),
        mine.filter((name) => !swept.includes(name)),
      );
      assert.ok(mine.includes("notes") && mine.length === 5);
    }));

  test("names that are no keys, and folders in the place of objects, are no objects", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      for (const path of [`/${keyOf("ac")}`, "/shard/domain/ab/strange", "/shard/x..y/ab", "/other"]) await folder.ask("PUT", "MKDIRS", path);
      assert.equal(await count(volume.list(undefined, never)), 2, "the object and the identity");
      assert.equal(await count(volume.stat([key, keyOf("ac")], never)), 1);
    }));

  test("R1: a key that was cast and not made reaches no path", () =>
    withVolume(async (volume) => {
      for (const evil of ["../outside", "/etc/passwd", "shard/../../outside", "shard/domain/ab/x", ""]) {
        await fails(volume.put(evil as ObjectKey, body, never), "NAME_INVALID");
        await fails(get(volume, evil as ObjectKey), "NAME_INVALID");
        await fails(volume.remove([evil as ObjectKey], never), "NAME_INVALID");
      }
    }));

  test("a user without rights is ACCESS_DENIED, with advice", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      await folder.ask("PUT", "SETPERMISSION", "", { permission: "700" });
      const place = { name: parseVolumeName("lake"), url: folder.url({ user: "mallory" }), failureDomain: "lake" };
      await using stranger = await driver.open(place, environment);
      await fails(get(stranger), "ACCESS_DENIED");
      await fails(stranger.put(keyOf("cd"), body, never), "ACCESS_DENIED");
      await fails(count(stranger.list(undefined, never)), "ACCESS_DENIED");
    }));

  test("a full quota is VOLUME_FULL, and what is there stays readable", () =>
    withVolume(async (volume, folder) => {
      await volume.put(key, body, never);
      assert.ok(
        await folder.ask("PUT", "SETQUOTA", "", { namespacequota: "1", "user.name": "hdfs" }),
        "the quota is set, by the superuser of `npm run services`",
      );
      await fails(volume.put(keyOf("cd"), body, never), "VOLUME_FULL");
      assert.equal(await get(volume), 4);
    }));

  test("a port that is no NameNode's is VOLUME_UNREACHABLE, never missing", async () => {
    const folder = new Folder();
    for (const wrong of ["127.0.0.1:1"]) {
      await using volume = await driver.open({ name: parseVolumeName("lake"), url: folder.url({}, [wrong]), failureDomain: "lake" }, environment);
      await fails(get(volume), "VOLUME_UNREACHABLE");
      await fails(count(volume.list(undefined, never)), "VOLUME_UNREACHABLE");
    }
  });
});

onHdfs("the space of a real HDFS", () => {
  test("counts what is kept three times once", async () => {
    const space = async (replication: string) => {
      const place = { name: parseVolumeName("lake"), url: new Folder().url({ replication }), failureDomain: "lake" };
      return driver.space(place, environment, never);
    };
    const [one, three] = [await space("1"), await space("3")];
    assert.ok(one && three && one.capacityBytes > one.freeBytes && one.freeBytes > 0);
    assert.ok(Math.abs(one.capacityBytes / three.capacityBytes - 3) < 0.01);
  });
});
