import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type ErrorCode, isFault } from "../../core/errors.ts";
import { parseVolumeName } from "../../core/names.ts";
import { realWorld } from "../../core/world/index.ts";
import { directDisk } from "../../machine/disk.ts";
import { volumeConformance } from "./conformance.ts";
import { VolumeHealth } from "./health.ts";
import { identityKey } from "./keys.ts";
import { claimVolume, openVolume, repairVolume, spaceOf, type VolumeEntry } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-open-"));
after(() => rmSync(folder, { recursive: true }));
const environment = { disk: directDisk(), world: realWorld, base: folder };
const clusterId = "c".repeat(32);
let made = 0;

function entryAt(url: string): VolumeEntry {
  made++;
  return { name: parseVolumeName(`v${made}`), url, id: made.toString(16).padStart(32, "0"), failureDomain: "rack-1" };
}

const freshEntry = (): VolumeEntry => entryAt(join(folder, `volume-${made}`));

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => isFault(error, code) || assert.fail(`${String(error)} is not ${code}`));
}

for (const [kind, url] of [
  ["local path", () => join(folder, `c-${made}`)],
  ["memory", () => `memory:c-${made}`],
] as const)
  volumeConformance(`${kind}, opened with all wrappers`, async () => {
    const entry = entryAt(url());
    await claimVolume(entry, clusterId, environment);
    return { volume: await openVolume(entry, clusterId, environment), dispose: async () => undefined };
  });

test("a plain path, a relative one and a file URL are the same volume", async () => {
  const entry = entryAt(join(folder, "same place"));
  await claimVolume(entry, clusterId, environment);
  for (const url of ["same place", "./same place", pathToFileURL(entry.url).href, `${entry.url}/`]) await openVolume({ ...entry, url }, clusterId, environment);
});

test("name and failure domain are those of the entry", async () => {
  const entry = freshEntry();
  const { name, traits } = await claimVolume(entry, clusterId, environment);
  assert.deepEqual([name, traits.failureDomain, traits.copies], [entry.name, "rack-1", 1]);
});

test("a URL of no known kind, and a path from nowhere, are CONFIG_INVALID", async () => {
  await fails(openVolume(entryAt("gopher://host/path"), clusterId, environment), "CONFIG_INVALID");
  await fails(openVolume(entryAt("file://host/path"), clusterId, environment), "CONFIG_INVALID");
  await fails(openVolume(entryAt("file:///path?copies=2"), clusterId, environment), "CONFIG_INVALID");
  await fails(openVolume(entryAt("relative/path"), clusterId, { disk: environment.disk, world: realWorld }), "CONFIG_INVALID");
});

test("opening makes nothing", async () => {
  const entry = freshEntry();
  await fails(openVolume(entry, clusterId, environment), "VOLUME_IDENTITY_MISSING");
  assert.equal(readdirSync(folder).includes(entry.url.slice(folder.length + 1)), false);
});

test("D12: an empty mount point is VOLUME_IDENTITY_MISSING and stays empty", async () => {
  const entry = freshEntry();
  await claimVolume(entry, clusterId, environment);
  renameSync(entry.url, `${entry.url}-away`);
  mkdirSync(entry.url);
  await fails(openVolume(entry, clusterId, environment), "VOLUME_IDENTITY_MISSING");
  assert.deepEqual(readdirSync(entry.url), []);
});

test("D13: a clone that is given another name in the store is refused, and so is another store's folder", async () => {
  const [entry, clone] = [freshEntry(), freshEntry()];
  await claimVolume(entry, clusterId, environment);
  cpSync(entry.url, clone.url, { recursive: true });
  await fails(openVolume(clone, clusterId, environment), "VOLUME_FOREIGN");
  await fails(claimVolume(clone, clusterId, environment), "VOLUME_FOREIGN");
  await fails(openVolume(entry, "d".repeat(32), environment), "VOLUME_FOREIGN");
  await fails(claimVolume(entry, "d".repeat(32), environment), "VOLUME_FOREIGN");
});

test("a folder of someone else's files is refused and left alone", async () => {
  const entry = freshEntry();
  mkdirSync(entry.url);
  writeFileSync(join(entry.url, "thesis.txt"), "mine");
  await fails(claimVolume(entry, clusterId, environment), "VOLUME_FOREIGN");
  assert.deepEqual(readdirSync(entry.url), ["thesis.txt"]);
});

test("D7: a damaged or lost identity is repaired in place, with the objects that are there", async () => {
  const entry = freshEntry();
  await claimVolume(entry, clusterId, environment);
  writeFileSync(join(entry.url, identityKey), "damage");
  await fails(openVolume(entry, clusterId, environment), "OBJECT_CORRUPT");
  await repairVolume(entry, clusterId, environment);
  await openVolume(entry, clusterId, environment);
  rmSync(join(entry.url, identityKey));
  await fails(openVolume(entry, clusterId, environment), "VOLUME_IDENTITY_MISSING");
  await repairVolume(entry, clusterId, environment);
  await openVolume(entry, clusterId, environment);
});

test("a repair does not make up a volume whose folder is gone", async () => {
  await fails(repairVolume(freshEntry(), clusterId, environment), "VOLUME_IDENTITY_MISSING");
});

test("space is known of a folder that is there, and not of memory", async () => {
  const entry = freshEntry();
  await claimVolume(entry, clusterId, environment);
  const space = await spaceOf(entry, environment, new AbortController().signal);
  assert.ok(space && space.capacityBytes > 0 && space.freeBytes < space.capacityBytes);
  await fails(spaceOf(freshEntry(), environment, new AbortController().signal), "VOLUME_UNREACHABLE");
  assert.equal(await spaceOf(entryAt("memory:space"), environment, new AbortController().signal), undefined);
});

test("what the volume does is noted in its health", async () => {
  const health = new VolumeHealth(realWorld);
  await claimVolume(freshEntry(), clusterId, { ...environment, health });
  const { get, put } = health.meter.snapshot();
  assert.deepEqual([get.operations, get.failures, put.operations], [2, { OBJECT_MISSING: 1 }, 1]);
});
