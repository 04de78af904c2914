import assert from "node:assert/strict";
import { copyFile, readFile, rename, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { readShard } from "../../src/bytes/shards/index.ts";
import { isFault } from "../../src/core/errors.ts";
import { type ModelName, parseModelName, type RefName, type VolumeName } from "../../src/core/names.ts";
import { type CollectRequest, collect } from "../../src/flows/collect.ts";
import { doctor } from "../../src/flows/doctor.ts";
import { drainVolume } from "../../src/flows/drain.ts";
import { type RebuildReport, rebuild } from "../../src/flows/rebuild.ts";
import { repair } from "../../src/flows/repair.ts";
import { scrub } from "../../src/flows/scrub.ts";
import { exportCatalog, type ObjectRow } from "../../src/places/catalog/index.ts";
import { objectKey } from "../../src/places/volumes/index.ts";
import { type Files, flipBit, never, quiet, Stand, sizeOf, weights } from "./stand.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const model: Files = { "model.safetensors": weights(6, 1024, 1), "config.json": text('{"a": 1}'), "notes/readme.md": text("hello ".repeat(500)) };
const name = parseModelName("ns/model");
const main = "main" as RefName;
const volume = (text: string): VolumeName => text as VolumeName;

const look = (stand: Stand, repairing = false) => scrub(stand.engine, { repair: repairing }, quiet, never);
const examine = (stand: Stand, engine = stand.engine) => doctor(engine, { repair: false }, quiet, never);
const gc = (stand: Stand, more: Partial<CollectRequest> = {}) => collect(stand.engine, { holdMs: 0, approve: true, dryRun: false, ...more }, quiet, never);
const mend = (stand: Stand) => repair(stand.engine, { replicas: 2, replicasMin: 2 }, quiet, never);

async function expectWell(stand: Stand): Promise<void> {
  const { damaged, missing, unreachable, stray, problems } = await look(stand);
  assert.deepEqual({ damaged, missing, unreachable, stray }, { damaged: 0, missing: 0, unreachable: 0, stray: 0 }, problems.join("\n"));
  const { clean, findings } = await examine(stand);
  assert.ok(clean, JSON.stringify(findings, undefined, 1));
}

async function objectsOf(stand: Stand, kind: ObjectRow["kind"]): Promise<ObjectRow[]> {
  return (await stand.engine.catalog.objectsAfter(undefined, ["present"], 1000)).filter((object) => object.kind === kind);
}

async function placesOf(stand: Stand, object: ObjectRow): Promise<string[]> {
  const replicas = await stand.engine.catalog.replicas([object.id]);
  return replicas.map((replica) => `${stand.root(replica.volume)}/${objectKey(object)}`);
}

/** Flips a bit in the stored bytes of one frame. */
async function hurtFrame(path: string, frame: number): Promise<void> {
  const found = readShard(await readFile(path)).frames[frame];
  assert.ok(found);
  await flipBit(path, (found.offset + 96 + (found.storedBytes >> 1)) * 8 + 3);
}

const refused = (code: Parameters<typeof isFault>[1]) => (error: unknown) => {
  assert.ok(isFault(error, code as never), `${code} was expected, and this came: ${String(error)}`);
  return true;
};

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

async function removeRef(stand: Stand, of: ModelName = name): Promise<void> {
  const expected = await stand.engine.catalog.ref(of, main);
  await stand.engine.catalog.move({ model: of, ref: main, expected, to: undefined, opId: stand.world.id() });
}

const second: Files = { ...model, "model.safetensors": weights(6, 1024, 2) };

test("a collection removes what nothing reaches, after its hold, and nothing else", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await stand.push(second, { model: "ns/other" });
  await removeRef(stand);
  await mend(stand);
  const dry = await gc(stand, { dryRun: true });
  assert.ok(dry.condemned > 0 && dry.removed === 0);
  const held = await gc(stand, { holdMs: 60_000 });
  assert.deepEqual([held.condemned, held.removed, held.kept], [dry.condemned, 0, dry.condemned]);
  stand.world.aheadMs += 61_000;
  const done = await gc(stand, { holdMs: 60_000 });
  assert.deepEqual([done.condemned, done.removed, done.kept], [0, dry.condemned, 0]);
  assert.equal(done.bytes, 2 * dry.bytes, "both replicas of each");
  await expectWell(stand);
  await stand.expectLoads(second, "ns/other");
  await assert.rejects(stand.expectLoads(model), refused("MODEL_MISSING"));
});

test("I5: what an intent pins is not collected, and a push that needs condemned objects has them back", async () => {
  await using stand = await Stand.make(2);
  const { catalog } = stand.engine;
  const { version } = await stand.push(model);
  const intent = await catalog.openIntent("reader", 3600e3);
  await catalog.pinVersion(intent, name, version);
  await removeRef(stand);
  assert.equal((await gc(stand)).removed, 0);
  await catalog.closeIntent(intent);
  assert.ok((await gc(stand, { holdMs: 60_000 })).kept > 0);
  const again = await stand.push(model);
  assert.equal(again.newBytes, 0, "condemned chunks are still there");
  stand.world.aheadMs += 3 * 3600e3;
  await gc(stand);
  await stand.expectLoads(model);
  await expectWell(stand);
});

test("P7: a collector that stalls after its claim cannot hit what was pushed since", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  await removeRef(stand);
  const { catalog } = stand.engine;
  await catalog.condemn();
  const claimed = await catalog.claim(0, 100);
  assert.ok(claimed.length > 0);
  const again = await stand.push(model);
  assert.ok(again.newBytes > 0);
  assert.equal((await gc(stand)).removed, claimed.length);
  await stand.expectLoads(model);
  await expectWell(stand);
});

test("R8: a collection refuses to run while a volume is away", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await removeRef(stand);
  const before = await stand.objectFiles("v2");
  await rename(stand.root("v1"), `${stand.root("v1")}-away`);
  await assert.rejects(gc(stand), (error: Error) => refused("COLLECT_INCOMPLETE")(error) && error.message.includes("v1"));
  assert.deepEqual(await stand.objectFiles("v2"), before);
  assert.equal((await stand.engine.catalog.claim(0, 100)).length, 0, "nothing was even condemned");
});

test("R8: much at once needs approval", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const { domain } = (await objectsOf(stand, "shard"))[0] as ObjectRow;
  const digest = "ab".repeat(32) as ObjectRow["digest"];
  await stand.engine.catalog.restoreObject({ kind: "shard", domain, digest, generation: 500, bytes: 300 * 2 ** 20, replicasWanted: 1 }, [], []);
  await assert.rejects(gc(stand, { approve: false }), refused("COLLECT_APPROVAL"));
  assert.equal((await gc(stand)).removed, 1);
  assert.equal((await gc(stand, { approve: false })).removed, 0);
});

test("an object that a dead push left anywhere is removed everywhere when its lease has ended", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  const { catalog, volumes } = stand.engine;
  const intent = await catalog.openIntent("killed", 1000);
  const { domain } = (await objectsOf(stand, "shard"))[0] as ObjectRow;
  const row = await catalog.reserve(intent, {
    kind: "shard",
    domain,
    digest: "cd".repeat(32) as ObjectRow["digest"],
    bytes: 3,
    replicasWanted: 1,
    volumes: [volume("v1")],
  });
  await (await volumes.get(volume("v3"))).put(objectKey(row), [text("abc")], never);
  assert.ok((await examine(stand)).clean, "it is held, and no stray");
  assert.equal((await gc(stand)).removed, 0);
  stand.world.aheadMs += 2000;
  assert.equal((await gc(stand)).removed, 1);
  await expectWell(stand);
});

async function rebuilt(stand: Stand, allowMissing = false): Promise<RebuildReport> {
  const volumes = (await stand.engine.catalog.volumes()).map(({ id: _, ...row }) => row);
  await stand.engine.catalog[Symbol.asyncDispose]();
  const { environment, engine } = stand;
  return rebuild({ ...engine, environment }, { catalogUrl: `sqlite:${stand.catalogPath}`, volumes, replicas: 2, allowMissing }, quiet, never);
}

/** Two models with a history of full and delta-coded versions, tags, and a ref that was removed. */
async function fill(stand: Stand): Promise<Files> {
  await stand.push(model, { message: "first" });
  const changed = { ...model, "model.safetensors": weights(6, 1024, 1, 200_000) };
  await stand.push(changed, { message: "second" });
  const { version } = await stand.push({ ...changed, "extra.txt": text("more") });
  await stand.push(second, { model: "other/one" });
  await stand.push(second, { model: "ns/gone" });
  const move = { model: name, ref: "prod" as RefName, expected: undefined, to: version, opId: "tag" };
  await stand.engine.catalog.move(move);
  await removeRef(stand, parseModelName("ns/gone"));
  await mend(stand);
  return { ...changed, "extra.txt": text("more") };
}

for (const [how, hurt] of [
  ["is gone", (path: string) => rm(path)],
  ["is damaged", (path: string) => writeFile(path, "SQLite format 3\0 and then nothing of the kind")],
  ["is another database", (path: string) => writeFile(path, "not a database")],
] as const)
  test(`C7, I9: a catalog that ${how} is made again from the volumes, the same for everyone who looks`, async () => {
    await using stand = await Stand.make(3);
    const newest = await fill(stand);
    const before = await exportCatalog(stand.engine.catalog);
    const totals = await stand.engine.catalog.totals();
    const { clusterId } = stand.engine.catalog;
    const rows = await stand.engine.catalog.volumes();
    const closing = rebuilt;
    await stand.engine.catalog.tableProblems();
    const report = await closingThenHurt(stand, hurt, closing);
    assert.equal(report.kept !== undefined, how !== "is gone");
    await using engine = await stand.reopened();
    assert.deepEqual(await exportCatalog(engine.catalog), before);
    assert.deepEqual([engine.catalog.clusterId, await engine.catalog.volumes()], [clusterId, rows]);
    assert.deepEqual(await engine.catalog.totals(), totals);
    assert.deepEqual([report.damaged, report.lostVersions, report.lostLogLines, report.missingVolumes], [0, 0, 0, []]);
    await stand.expectLoads(newest, "ns/model", engine);
    await stand.expectLoads(model, "ns/model@main", engine).catch(() => undefined);
    await stand.expectLoads(second, "other/one", engine);
    assert.ok((await examine(stand, engine)).clean, JSON.stringify((await examine(stand, engine)).findings));
    const intent = await engine.catalog.openIntent("next", 1000);
    const { domain } = (await objectsOfEngine(engine))[0] as ObjectRow;
    const { generation } = await engine.catalog.reserve(intent, {
      kind: "shard",
      domain,
      digest: "ef".repeat(32) as ObjectRow["digest"],
      bytes: 1,
      replicasWanted: 1,
      volumes: [],
    });
    assert.ok(generation > 1_000_000, "a late delete of the lost catalog hits nothing new");
  });

async function closingThenHurt(stand: Stand, hurt: (path: string) => Promise<void>, again: typeof rebuilt): Promise<RebuildReport> {
  const volumes = await stand.engine.catalog.volumes();
  await stand.engine.catalog[Symbol.asyncDispose]();
  await hurt(stand.catalogPath);
  stand.engine.catalog.volumes = async () => volumes;
  return again(stand);
}

function objectsOfEngine(engine: Stand["engine"]): Promise<readonly ObjectRow[]> {
  return engine.catalog.objectsAfter(undefined, ["present"], 10);
}

test("C7: a rebuild reads damaged objects from other replicas, merges what none has whole, and says what is lost", async () => {
  await using stand = await Stand.make(2);
  const newest = await fill(stand);
  const before = await exportCatalog(stand.engine.catalog);
  const shards = await objectsOf(stand, "shard");
  for (const [index, shard] of shards.entries()) {
    const [first, other] = (await placesOf(stand, shard)) as [string, string];
    await truncate(first, (await sizeOf(first)) - 100);
    if (index === 0) await flipBit(other, ((await sizeOf(other)) - 4000) * 8);
  }
  const [manifest] = await placesOf(stand, (await objectsOf(stand, "manifest"))[0] as ObjectRow);
  await flipBit(manifest as string, 99);
  const [line] = await placesOf(stand, (await objectsOf(stand, "reflog"))[0] as ObjectRow);
  await unlink(line as string);
  const report = await rebuilt(stand);
  assert.deepEqual([report.damaged, report.lostVersions, report.lostLogLines], [1, 0, 0]);
  await using engine = await stand.reopened();
  assert.deepEqual(await exportCatalog(engine.catalog), before);
  await stand.expectLoads(newest, "ns/model", engine);
  const mended = await repair(engine, { replicas: 2, replicasMin: 2 }, quiet, never);
  assert.equal(mended.failed, 0, mended.problems.join("\n"));
  const scrubbed = await scrub(engine, { repair: true }, quiet, never);
  assert.deepEqual([scrubbed.problems, scrubbed.stray], [[], 0]);
  assert.ok((await doctor(engine, { repair: false }, quiet, never)).clean);
});

test("a rebuild reads no more of an object than it can have", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const TiB = 2 ** 40;
  const [shard, other] = (await objectsOf(stand, "shard")) as [ObjectRow, ObjectRow];
  await truncate((await placesOf(stand, shard))[0] as string, TiB);
  for (const path of await placesOf(stand, other)) await truncate(path, TiB);
  const [manifest] = await objectsOf(stand, "manifest");
  await truncate((await placesOf(stand, manifest as ObjectRow))[0] as string, 2 ** 32);
  const report = await rebuilt(stand);
  assert.deepEqual([report.damaged, report.lostVersions], [1, 0], "the shard that is too large everywhere still has its frames");
  await using engine = await stand.reopened();
  await stand.expectLoads(model, "ns/model", engine);
});

test("a rebuild refuses to go without a volume; when told to, nothing is collected before it is back", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await rename(stand.root("v3"), `${stand.root("v3")}-away`);
  await assert.rejects(rebuilt(stand), refused("VOLUME_IDENTITY_MISSING"));
  await using old = await stand.reopened();
  assert.equal((await old.catalog.models()).length, 1, "the old catalog is as it was");
  const volumes = (await old.catalog.volumes()).map(({ id: _, ...row }) => row);
  await old.catalog[Symbol.asyncDispose]();
  const parts = { ...stand.engine, environment: stand.environment };
  const report = await rebuild(parts, { catalogUrl: `sqlite:${stand.catalogPath}`, volumes, replicas: 2, allowMissing: true }, quiet, never);
  assert.deepEqual(report.missingVolumes, ["v3"]);
  await using engine = await stand.reopened();
  await stand.expectLoads(model, "ns/model", engine);
  await rename(`${stand.root("v3")}-away`, stand.root("v3"));
  await assert.rejects(collect(engine, { holdMs: 0, approve: true, dryRun: false }, quiet, never), refused("COLLECT_INCOMPLETE"));
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

test("doctor: a version that stands on what is not there is a problem", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  assert.ok((await examine(stand)).clean);
  const places = await placesOf(stand, (await objectsOf(stand, "manifest"))[0] as ObjectRow);
  for (const path of places) await unlink(path);
  const { clean, findings } = await examine(stand);
  assert.ok(!clean && findings.some((finding) => finding.severity === "problem" && finding.what.includes("manifest")));
});
