import assert from "node:assert/strict";
import { copyFile, rename, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { parseModelName, type RefName } from "../../src/core/names.ts";
import { collect } from "../../src/flows/collect.ts";
import { doctor } from "../../src/flows/doctor.ts";
import { type RebuildReport, rebuild } from "../../src/flows/rebuild.ts";
import { repair } from "../../src/flows/repair.ts";
import { scrub } from "../../src/flows/scrub.ts";
import { exportCatalog, type ObjectRow } from "../../src/places/catalog/index.ts";
import { examine, mend, model, name, objectsOf, placesOf, refused, removeRef, second, text } from "./acts.ts";
import { type Files, flipBit, never, quiet, Stand, sizeOf, weights } from "./stand.ts";

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
    const intent = await engine.catalog.openIntent("next", 3600_000);
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

test("D8: a shard that lies under the name of another is not believed", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const before = await exportCatalog(stand.engine.catalog);
  const totals = await stand.engine.catalog.totals();
  const shards = await objectsOf(stand, "shard");
  const paths = await Promise.all(shards.map((shard) => placesOf(stand, shard)));
  for (const [index, [first]] of paths.entries()) await copyFile((paths[(index + 1) % paths.length] as string[])[1] as string, first as string);
  const report = await rebuilt(stand);
  assert.equal(report.damaged, 0);
  await using engine = await stand.reopened();
  assert.deepEqual([await exportCatalog(engine.catalog), await engine.catalog.totals()], [before, totals]);
  await stand.expectLoads(model, "ns/model", engine);
});

test("a delta whose base was collected is not entered, and the chunk that was pushed since is", async () => {
  const note = { "note.txt": text("a note that keeps the shard of the delta") };
  const changed = { "model.safetensors": weights(2, 1024, 1, 200_000) };
  for (const again of [false, true]) {
    await using stand = await Stand.make(2);
    await stand.push({ "model.safetensors": weights(2, 1024, 1) }, { groups: 1 });
    await stand.push({ ...changed, ...note }, { groups: 1 });
    await stand.push(note, { model: "ns/note" });
    await removeRef(stand);
    await collect(stand.engine, { holdMs: 0, approve: true, dryRun: false }, quiet, never);
    if (again) await stand.push(changed, { model: "ns/again", groups: 1 });
    await mend(stand);
    const [before, totals] = [await exportCatalog(stand.engine.catalog), await stand.engine.catalog.totals()];
    assert.equal((await rebuilt(stand)).lostVersions, 0);
    await using engine = await stand.reopened();
    assert.deepEqual([await exportCatalog(engine.catalog), await engine.catalog.totals()], [before, totals]);
    await stand.expectLoads(note, "ns/note", engine);
    if (again) await stand.expectLoads(changed, "ns/again", engine);
  }
});

test("a chunk that lies in two shards is found in the one with more copies: what a failed push left behind on one volume is not relied on", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const changed = { ...model, "model.safetensors": weights(6, 1024, 1, 200_000) };
  await stand.push(changed);
  const shards = await objectsOf(stand, "shard");
  const generations = ["1", "9"].flatMap((first) => shards.map(({ generation }) => Number(`${first}00000${generation}`))); // before and behind in the order of keys
  for (const [at, generation] of generations.entries()) {
    const shard = shards[at % shards.length] as ObjectRow;
    const path = (await placesOf(stand, shard)).find((one) => one.startsWith(stand.root("v1"))) as string;
    await copyFile(path, path.replace(/-[0-9]+$/, `-${generation}`));
  }
  const report = await rebuilt(stand);
  assert.equal(report.lostVersions, 0);
  await using engine = await stand.reopened();
  await rm(stand.root("v1"), { recursive: true });
  await stand.expectLoads(model, "ns/model@main~1", engine);
  await stand.expectLoads(changed, "ns/model", engine);
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
