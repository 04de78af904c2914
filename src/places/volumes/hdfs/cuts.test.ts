/**
 * Uploads and downloads that are cut at any byte, in any way: never a short object under a final name, and never other bytes than were put.
 * HDFS itself is real; a proxy in front of its DataNodes does the cutting.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../../../bytes/kernels/specimens.ts";
import { isFault } from "../../../core/errors.ts";
import { rangeOf } from "../../../core/range.ts";
import { collect, freshKey, read, sampleBytes } from "../conformance-tools.ts";
import type { ObjectKey, Volume } from "../volume.ts";
import { Between, type Fate, type Plan } from "./fixtures/between.ts";
import { claimed, Folder, never, onHdfs } from "./test-tools.ts";

const ends = ["fin", "rst", "half"] as const;

async function through(plan: Plan, run: (volume: Volume, folder: Folder, between: Between) => Promise<void>): Promise<void> {
  const folder = new Folder();
  await using between = await Between.open(await folder.nameNode(), plan);
  const settings = { datanodes: between.dataNodes.join(","), blocksize: "1MiB" };
  try {
    await using volume = await claimed(folder.url(settings, [between.nameNode]));
    await run(volume, folder, between);
  } finally {
    await folder.remove();
  }
}

/** What HDFS has under final names, past the proxy. */
async function assertAllWhole(volume: Volume, put: ReadonlyMap<ObjectKey, Uint8Array>): Promise<void> {
  for (const { key, bytes } of await collect(volume.list(undefined, never))) {
    const body = put.get(key);
    assert.equal(bytes, body?.byteLength, `${key} has ${bytes} bytes`);
    assert.ok((await read(volume, key, rangeOf(0, bytes))).equals(body as Uint8Array), key);
  }
}

onHdfs("between us and HDFS", () => {
  test("200 uploads cut at random points: never a short object under a final name", { timeout: 450_000 }, async () => {
    const random = randomFrom(7);
    const uploads = 200;
    let cutting = false;
    let cuts = 0;
    const fate = (): Fate => {
      if (!cutting || random() < 0.1) return {};
      cuts++;
      return { upBytes: Math.floor(random() * 1_500_000), end: ends[Math.floor(random() * 3)] as "fin" };
    };
    await through({ fate }, async (volume, folder) => {
      const put = new Map<ObjectKey, Uint8Array>();
      let [done, failed] = [0, 0];
      cutting = true;
      for (let index = 0; index < uploads; index++) {
        const [key, body] = [freshKey(), sampleBytes(200_000 + Math.floor(random() * 2_500_000), index % 251)];
        put.set(key, body);
        try {
          await volume.put(key, [body.subarray(0, 77), body.subarray(77)], never);
          done++;
          assert.equal((await collect(volume.stat([key], never)))[0]?.bytes, body.length, "acknowledged, so it is there whole");
        } catch (error) {
          assert.ok(isFault(error, "VOLUME_UNREACHABLE"), String(error));
          failed++;
          assert.deepEqual(await collect(volume.stat([key], never)), [], "not acknowledged, so there is nothing");
        }
      }
      cutting = false;
      assert.ok(cuts >= uploads && failed > 0 && done > 0, `${cuts} cuts, ${done} done, ${failed} failed`);
      await assertAllWhole(volume, put);
      await volume[Symbol.asyncDispose]();
      assert.deepEqual(await folder.names("/tmp"), []);
    });
  });

  test("H5: a DataNode that says 201 of a short file is not believed", async () => {
    let lying = false;
    await through({ fate: () => (lying ? { shortenTo: 1000 } : {}) }, async (volume) => {
      const key = freshKey();
      lying = true;
      await assert.rejects(
        volume.put(key, [sampleBytes(50_000)], never),
        (error) => isFault(error, "VOLUME_UNREACHABLE") && /1000 of 50000 bytes/.test(error.message),
      );
      lying = false;
      assert.deepEqual(await collect(volume.stat([key], never)), []);
      await volume.put(key, [sampleBytes(50_000)], never);
    });
  });

  test("bytes that change on their way are noticed before the object has its name", async () => {
    let flips = false;
    await through({ fate: () => ({ flips }) }, async (volume, folder) => {
      const key = freshKey();
      flips = true;
      await assert.rejects(
        volume.put(key, [sampleBytes(50_000)], never),
        (error) => isFault(error, "VOLUME_UNREACHABLE") && /other bytes arrived/.test(error.message),
      );
      flips = false;
      assert.deepEqual(await collect(volume.stat([key], never)), []);
      assert.equal(await volume.put(key, [sampleBytes(50_000)], never), "checksum");
      await assertAllWhole(volume, new Map([[key, sampleBytes(50_000)]]));
      assert.equal((await folder.names("/tmp")).length, 1, "its own folder, which is empty");
    });
  });

  test("where HDFS does not say its checksum, the object is there without evidence", async () => {
    const folder = new Folder();
    const nameNode = (op: string) => (op === "GETFILECHECKSUM" ? ({ exception: "UnsupportedOperationException" } as const) : "pass");
    await using between = await Between.open(await folder.nameNode(), { nameNode });
    await using volume = await claimed(folder.url({ datanodes: between.dataNodes.join(",") }, [between.nameNode]));
    assert.equal(await volume.put(freshKey(), [sampleBytes(1000)], never), "none");
    await folder.remove();
  });

  test("H3: downloads cut again and again go on where they broke, with the right bytes", async () => {
    const random = randomFrom(3);
    let cutting = false;
    let received = 0;
    let end: "fin" | "rst" = "fin";
    const fate = (): Fate => {
      if (!cutting) return {};
      const downBytes = 400_000 + Math.floor(random() * 600_000);
      received += downBytes;
      return { downBytes, end };
    };
    await through({ fate }, async (volume) => {
      const [key, body] = [freshKey(), sampleBytes(2_000_003)];
      await volume.put(key, [body], never);
      cutting = true;
      for (let round = 0; round < 5; round++) {
        received = 0;
        assert.ok((await read(volume, key, rangeOf(0, body.length))).equals(body));
        assert.ok(received < 2 * body.length, `${received} bytes for ${body.length}: what had come was not fetched again`);
      }
      end = "rst"; // which takes bytes with it that had come and were not read yet
      for (let round = 0; round < 5; round++) assert.ok((await read(volume, key, rangeOf(0, body.length))).equals(body));
    });
  });

  test("a DataNode that sends nothing at all is left after a few", async () => {
    let cutting = false;
    await through({ fate: () => (cutting ? { downBytes: 0, upBytes: 0, end: "rst" } : {}) }, async (volume) => {
      const key = freshKey();
      await volume.put(key, [sampleBytes(100)], never);
      cutting = true;
      await assert.rejects(read(volume, key, rangeOf(0, 100)), (error) => isFault(error, "VOLUME_UNREACHABLE"));
      cutting = false;
      assert.equal((await read(volume, key, rangeOf(0, 100))).length, 100);
    });
  });

  for (const op of ["RENAME", "CREATE", "MKDIRS", "GETFILESTATUS", "DELETE"])
    test(`H6: an answer to ${op} that is lost changes nothing that is said`, async () => {
      let lose = 0;
      await through({ nameNode: (asked) => (asked === op && lose-- > 0 ? "lose" : "pass") }, async (volume, folder) => {
        const [key, body] = [freshKey(), sampleBytes(1000)];
        lose = 1;
        const first = await volume.put(key, [body], never).catch((error: unknown) => error);
        const there = (await collect(volume.stat([key], never))).length;
        if (!(first instanceof Error)) assert.equal(there, 1);
        else assert.ok(isFault(first, "VOLUME_UNREACHABLE") && there === 0, String(first));
        if (op === "RENAME") assert.equal(first, "checksum", "the rename was done, and that was found out");
        lose = 0;
        await volume.put(freshKey(), [body], never);
        lose = 1;
        await volume.remove([key], never).catch((error: unknown) => assert.ok(isFault(error, "VOLUME_UNREACHABLE")));
        lose = 0;
        await volume.remove([key], never);
        await volume[Symbol.asyncDispose]();
        assert.deepEqual(await folder.names("/tmp"), []);
      });
    });

  test("a key that another writer took in the moment of the rename is OBJECT_EXISTS, also when the answer is lost", async () => {
    let armed = false;
    const nameNode = (op: string): "pass" | "lose" => {
      if (!armed || op !== "RENAME") return "pass";
      armed = false;
      return "lose";
    };
    await through({ nameNode }, async (volume, folder) => {
      const [key, other] = [freshKey(), await claimed(folder.url())];
      await other.put(key, [sampleBytes(10)], never);
      armed = true;
      await assert.rejects(volume.put(key, [sampleBytes(20)], never), (error) => isFault(error, "OBJECT_EXISTS"));
      assert.equal((await read(volume, key, rangeOf(0, 20))).length, 10);
      await other[Symbol.asyncDispose]();
    });
  });
});
