import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type PlacedFrame, readShard } from "../../src/bytes/shards/index.ts";
import { doctor } from "../../src/flows/doctor.ts";
import { drainVolume } from "../../src/flows/drain.ts";
import { scrub } from "../../src/flows/scrub.ts";
import { dropReplica, repairObject } from "../../src/moves/replicate/index.ts";
import type { ObjectRow } from "../../src/places/catalog/index.ts";
import { objectKey } from "../../src/places/volumes/index.ts";
import { examine, expectWell, gc, hurtFrame, look, mend, model, objectsOf, placesOf, refused, second, text, volume } from "./acts.ts";
import { flipBit, never, quiet, Stand, sizeOf } from "./stand.ts";

test("D7: a bit flipped in every object of a volume, and in its identity, is found each time and mended from the others", async () => {
  await using stand = await Stand.make(4);
  await stand.push(model);
  const files = await stand.objectFiles("v1");
  for (const [index, path] of files.entries()) await flipBit(path, (index * 7919 + 4096 * 8 + 11) % ((await sizeOf(path)) * 8));
  const found = await look(stand);
  assert.equal(found.damaged, files.length, found.problems.join("\n"));
  const mended = await look(stand, true);
  assert.equal(mended.repaired, files.length, mended.problems.join("\n"));
  await expectWell(stand);
  await stand.expectLoads(model);
});

test("R16: what a scrub only looks at stays as it is", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const [path] = await placesOf(stand, (await objectsOf(stand, "manifest"))[0] as ObjectRow);
  await flipBit(path as string, 5);
  const before = await readFile(path as string);
  await look(stand);
  assert.deepEqual(await readFile(path as string), before);
});

test("objects deleted from a volume are missing, and written again", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  const files = (await stand.objectFiles("v2")).filter((path) => !path.endsWith("identity/volume"));
  for (const path of files) await unlink(path);
  assert.equal((await examine(stand)).clean, false);
  const found = await look(stand);
  assert.deepEqual([found.missing, found.damaged], [files.length, 0]);
  const mended = await mend(stand);
  assert.deepEqual([mended.repaired, mended.failed], [files.length, 0], mended.problems.join("\n"));
  await expectWell(stand);
});

test("an object that goes on behind its end, or ends early, is damaged", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const [shard] = await placesOf(stand, (await objectsOf(stand, "shard"))[0] as ObjectRow);
  const [manifest] = await placesOf(stand, (await objectsOf(stand, "manifest"))[0] as ObjectRow);
  await writeFile(shard as string, "x", { flag: "a" });
  await truncate(manifest as string, 40);
  assert.equal((await look(stand, true)).repaired, 2);
  await expectWell(stand);
});

test("D19: two replicas damaged in different frames give a whole one; nothing is removed before it is safe elsewhere", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const [first, second] = (await placesOf(stand, shard)) as [string, string];
  await hurtFrame(first, 0);
  await hurtFrame(second, 1);
  await truncate(second, (await sizeOf(second)) - 4096);
  const mended = await look(stand, true);
  assert.deepEqual([mended.damaged, mended.problems], [2, []]);
  await expectWell(stand);
  await stand.expectLoads(model);
});

test("D19: a load takes each frame from a replica that has it right, and mends what was damaged", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const [first, second] = (await placesOf(stand, shard)) as [string, string];
  for (const frame of [0, 2, 3]) await hurtFrame(first, frame);
  for (const frame of [1, 4]) await hurtFrame(second, frame);
  assert.equal((await stand.expectLoads(model)).repaired, 2);
  await expectWell(stand);
});

test("D19: a load takes what is behind the end of a replica that was cut from one that is damaged before", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const [first, second] = (await placesOf(stand, shard)) as [string, string];
  const { frames } = readShard(await readFile(first));
  const third = frames[2] as PlacedFrame;
  for (const frame of [0, 1]) await hurtFrame(second, frame);
  await truncate(first, third.offset + 200);
  assert.equal((await stand.expectLoads(model)).repaired, 2);
  await expectWell(stand);
});

test("a frame that is damaged in every replica ends a load with what was tried", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  for (const path of await placesOf(stand, shard)) await hurtFrame(path, 3);
  await assert.rejects(stand.expectLoads(model), (error) => refused("DATA_CORRUPT")(error) && /v1: .*v2: |v2: .*v1: /.test(String(error)));
});

test("what a volume holds is read though its identity is damaged, and written to again when that is mended", async () => {
  await using stand = await Stand.make(1);
  await stand.push(model, { replicas: 1 });
  await flipBit(`${stand.root("v1")}/identity/volume`, 77);
  await using engine = await stand.reopened();
  await stand.expectLoads(model, "ns/model", engine);
  stand.engine.volumes.setRows(stand.engine.volumes.rows);
  assert.equal((await look(stand, true)).repaired, 1);
  await stand.push(second, { replicas: 1 });
  await expectWell(stand);
});

test("D19, R16: with no third volume the merged bytes are kept under a key of their own until a replica is good again", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const [first, second] = (await placesOf(stand, shard)) as [string, string];
  await hurtFrame(first, 0);
  await hurtFrame(second, 1);
  // A repair that dies after it has removed the first replica and before it has written it.
  const { volumes } = stand.engine;
  const get = volumes.get.bind(volumes);
  let removed = 0;
  volumes.get = async (wanted) => {
    const real = await get(wanted);
    return Object.assign(Object.create(real) as typeof real, {
      name: real.name,
      remove: async (...call: Parameters<typeof real.remove>) => {
        await real.remove(...call);
        if (call[0].includes(objectKey(shard))) removed++;
      },
      put: async (...call: Parameters<typeof real.put>) => {
        if (call[0] === objectKey(shard)) throw new TypeError("the process dies here");
        await real.put(...call);
      },
      get: real.get.bind(real),
      list: real.list.bind(real),
      stat: real.stat.bind(real),
    });
  };
  await assert.rejects(look(stand, true), /dies here/);
  assert.ok(removed > 0);
  volumes.get = get;
  const mended = await mend(stand);
  assert.deepEqual([mended.failed, mended.problems], [0, []]);
  await stand.expectLoads(model);
  stand.world.aheadMs += 2 * 3600e3;
  await gc(stand);
  await expectWell(stand);
});

test("D20: damage that no replica can mend is told, and only the files that it is in fail", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model, { strategy: "tensor" });
  await stand.push({ "other.txt": text("fine") }, { model: "ns/other" });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const places = await placesOf(stand, shard);
  const before = await Promise.all(places.map((path) => readFile(path)));
  for (const path of places) await hurtFrame(path, 0);
  const report = await look(stand, true);
  assert.deepEqual([report.damaged, report.repaired], [2, 0]);
  assert.ok(
    report.problems.some((line) => places.every((path) => line.includes(path.split("/volumes/")[1]?.split("/")[0] ?? "?"))),
    report.problems.join("\n"),
  );
  assert.equal((await mend(stand)).failed, 1);
  await assert.rejects(stand.expectLoads(model), refused("DATA_CORRUPT"));
  await stand.expectLoads({ "other.txt": text("fine") }, "ns/other");
  assert.equal((await sizeOf(places[0] as string)) > 0, true, "the last copies stay");
  await writeFile(places[0] as string, before[0] as Buffer);
  assert.equal((await mend(stand)).failed, 0);
  await expectWell(stand);
});

test("a load mends what it finds", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const [first, second] = (await placesOf(stand, shard)) as [string, string];
  for (const path of [first, second]) await hurtFrame(path, path === first ? 0 : 1);
  assert.ok((await stand.expectLoads(model)).repaired >= 2);
  await expectWell(stand);
});

test("D12: an empty folder in place of a volume is unreachable, never a volume that lost its objects", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await rename(stand.root("v1"), `${stand.root("v1")}-away`);
  const report = await look(stand, true);
  const had = (await stand.engine.catalog.objectsOn(volume("v1"), undefined, 1000)).length;
  assert.deepEqual([report.missing, report.damaged, report.repaired, report.unreachable], [0, 0, 0, had]);
  assert.equal((await examine(stand)).clean, false);
  await rename(`${stand.root("v1")}-away`, stand.root("v1"));
  stand.engine.volumes.setRows(await stand.engine.catalog.volumes());
  await expectWell(stand);
});

test("D12: the same for a store that was opened while the volume was away, and an empty folder is given no identity", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await rename(stand.root("v1"), `${stand.root("v1")}-away`);
  await mkdir(stand.root("v1"));
  await using engine = await stand.reopened();
  const report = await scrub(engine, { repair: true }, quiet, never);
  const had = (await engine.catalog.objectsOn(volume("v1"), undefined, 1000)).length;
  assert.deepEqual([report.missing, report.damaged, report.repaired, report.unreachable], [0, 0, 0, had]);
  assert.equal((await doctor(engine, { repair: true }, quiet, never)).clean, false);
  assert.deepEqual(await readdir(stand.root("v1")), []);
});

test("R16, P9: a replica is given up only while those that it was decided on are good", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model, { replicas: 3 });
  const { engine } = stand;
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const kept = [volume("v1"), volume("v2")];
  await engine.catalog.setReplica(shard.id, volume("v2"), "bad");
  assert.equal(await dropReplica(engine, shard, volume("v3"), kept, never), false);
  assert.equal(await dropReplica(engine, shard, volume("v3"), [], never), false);
  assert.ok((await placesOf(stand, shard)).every((path) => existsSync(path)));
  await engine.catalog.setReplica(shard.id, volume("v2"), "good");
  assert.equal(await dropReplica(engine, shard, volume("v3"), kept, never), true);
  assert.equal(existsSync(`${stand.root("v3")}/${objectKey(shard)}`), false);
});

test("two repairs of one object at once do it once", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const places = (await placesOf(stand, shard)) as [string, string];
  for (const [frame, path] of places.entries()) await hurtFrame(path, frame);
  for (const { volume: on } of await stand.engine.catalog.replicas([shard.id])) await stand.engine.catalog.setReplica(shard.id, on, "suspect");
  const repairs = await Promise.all([1, 2, 3].map(() => repairObject(stand.engine, shard, never)));
  assert.deepEqual(repairs.flatMap((one) => one.failures), []); // biome-ignore format: one line
  assert.deepEqual(repairs.map((one) => one.written.length > 0), [true, false, false]); // biome-ignore format: one line
  await expectWell(stand);
});

test("an object that no ledger knows is reported and left alone; the doctor's repair writes an identity that was lost", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const [path] = await placesOf(stand, (await objectsOf(stand, "shard"))[0] as ObjectRow);
  const strange = (path as string).replace(/-\d+$/, "-999999");
  await copyFile(path as string, strange);
  assert.equal((await look(stand, true)).stray, 1);
  const { clean, findings } = await examine(stand);
  assert.ok(clean && findings.some((finding) => finding.severity === "note" && finding.what.includes("-999999")));
  await gc(stand);
  assert.ok((await sizeOf(strange)) > 0);
  await unlink(`${stand.root("v1")}/identity/volume`);
  assert.equal((await examine(stand)).clean, false);
  assert.ok((await doctor(stand.engine, { repair: true }, quiet, never)).clean);
  await rm(stand.root("v2"), { recursive: true });
  assert.equal((await doctor(stand.engine, { repair: true }, quiet, never)).clean, false);
});

test("P10: a volume is drained, its objects brought elsewhere first", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  const had = (await stand.engine.catalog.objectsOn(volume("v1"), undefined, 1000)).length;
  const report = await drainVolume(stand.engine, volume("v1"), quiet, never);
  assert.deepEqual([report.checked, report.copied, report.dropped, report.left], [had, had, had, 0], report.problems.join("\n"));
  assert.equal((await stand.objectFiles("v1")).length, 1, "only its identity is left");
  await expectWell(stand);
  await stand.push(second);
  assert.equal((await stand.objectFiles("v1")).length, 1, "nothing new goes there");
  await stand.expectLoads(second);
});

test("P9: with nowhere to go, a drained volume keeps what it has", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const before = await stand.objectFiles("v1");
  const report = await drainVolume(stand.engine, volume("v1"), quiet, never);
  assert.equal(report.left, before.length - 1);
  assert.deepEqual(await stand.objectFiles("v1"), before);
});

test("D11: a volume that is lost for good is drained from the other replicas", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await rm(stand.root("v2"), { recursive: true });
  await stand.expectLoads(model);
  const report = await drainVolume(stand.engine, volume("v2"), quiet, never);
  assert.equal(report.left, 0, report.problems.join("\n"));
  await stand.engine.catalog.removeVolume(volume("v2"));
  stand.engine.volumes.setRows(await stand.engine.catalog.volumes());
  await expectWell(stand);
  await stand.expectLoads(model);
});

test("I4: a version with a chunk that the catalog does not know, or an object that nothing keeps, is a problem", async () => {
  for (const [sql, says] of [
    ["DELETE FROM chunk WHERE id IN (SELECT id FROM chunk LIMIT 1)", "lacks 1 chunk"],
    ["DELETE FROM need WHERE object IN (SELECT id FROM object WHERE kind = 'shard' LIMIT 1)", "that nothing keeps"],
  ] as const) {
    await using stand = await Stand.make(2);
    await stand.push(model);
    const raw = new DatabaseSync(stand.catalogPath);
    raw.exec(sql);
    raw.close();
    const { clean, findings } = await examine(stand);
    assert.ok(!clean && findings.some((finding) => finding.severity === "problem" && finding.what.includes(says)), JSON.stringify(findings));
  }
});

test("doctor: a version that stands on what is not there is a problem", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  assert.ok((await examine(stand)).clean);
  const places = await placesOf(stand, (await objectsOf(stand, "manifest"))[0] as ObjectRow);
  for (const path of places) await unlink(path);
  const { clean, findings } = await examine(stand);
  assert.ok(!clean && findings.some((finding) => finding.severity === "problem" && finding.what.includes("manifest")));
});
