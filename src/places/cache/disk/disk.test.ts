import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { MiB } from "../../../core/units.ts";
import { realWorld } from "../../../core/world/index.ts";
import { bytesIn, never, someValue, tierConformance } from "../conformance.ts";
import { testEnvironment } from "../test-tools.ts";
import type { DiskSettings } from "../tier-settings.ts";
import { driver } from "./index.ts";
import { keyOfPath, pathOfKey } from "./layout.ts";

async function withFolder(run: (settings: DiskSettings) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-tier-"));
  try {
    await run({ kind: "disk", name: "disk", folder, bytes: 24 * MiB, policy: "lru" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

tierConformance("disk", {
  pinBytesTooMany: 28 * MiB,
  async make() {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-tier-"));
    const open = () => driver.open({ kind: "disk", name: "disk", folder, bytes: 24 * MiB, policy: "sieve" }, testEnvironment());
    return { tier: await open(), again: open, dispose: () => rm(folder, { recursive: true }) };
  },
});

test("its files stay within its bound, and the oldest go first", () =>
  withFolder(async (settings) => {
    await using tier = await driver.open({ ...settings, bytes: 4 * MiB }, testEnvironment());
    const values = Array.from({ length: 12 }, () => someValue(1_000_000));
    for (const value of values) {
      await tier.write([value], never);
      assert.ok((await tier.facts(never)).bytes <= 4 * MiB);
    }
    const there = await Promise.all(values.map(async (value) => (await bytesIn(tier, value)) !== undefined));
    assert.deepEqual(
      there,
      values.map((_, index) => index >= 8),
    );
  }));

test("a pinned version stays whole, also when another process writes", () =>
  withFolder(async (settings) => {
    await using tier = await driver.open({ ...settings, bytes: 6 * MiB }, testEnvironment());
    const chunks = [someValue(900_000), someValue(900_000), someValue(900_000)];
    const pin = { model: "a/b", version: "1".repeat(40), chunks } as unknown as Parameters<typeof tier.pins.add>[0];
    await tier.pins.add(pin, never);
    await tier.write(chunks, never);
    await using other = await driver.open({ ...settings, bytes: 6 * MiB }, testEnvironment());
    for (let round = 0; round < 10; round++) await other.write([someValue(1_000_000)], never);
    assert.deepEqual(await tier.pins.lacking(pin, never), []);
    for (const value of chunks) assert.ok(await bytesIn(other, value));
  }));

test("files that were cut, changed, swapped or are none of ours are misses, and go", () =>
  withFolder(async (settings) => {
    await using tier = await driver.open(settings, testEnvironment());
    const [cut, changed, one, two, kept] = [someValue(5000), someValue(5000), someValue(5000), someValue(5000), someValue(5000)];
    await tier.write([cut, changed, one, two, kept], never);
    const path = (value: { key: typeof cut.key }): string => pathOfKey(settings.folder, value.key);
    await truncate(path(cut), 4000);
    const bytes = await readFile(path(changed));
    bytes[9] = (bytes[9] as number) ^ 1;
    await writeFile(path(changed), bytes);
    await writeFile(path(one), await readFile(path(two)));
    await writeFile(join(settings.folder, "chunks", "stray"), "x");
    for (const value of [cut, changed, one]) assert.equal(await bytesIn(tier, value), undefined);
    for (const value of [two, kept]) assert.ok(await bytesIn(tier, value));
    await using other = await driver.open(settings, testEnvironment());
    assert.equal((await other.facts(never)).entries, 2);
  }));

test("what a killed process left is swept when it is old, and not before", () =>
  withFolder(async (settings) => {
    const [old, young] = ["old", "young"].map((name) => join(settings.folder, "tmp", name)) as [string, string];
    await mkdir(join(settings.folder, "tmp"));
    for (const path of [old, young]) await writeFile(path, "half a value");
    const before = new Date(realWorld.now() - 2 * 3600_000);
    await utimes(old, before, before);
    await using tier = await driver.open(settings, testEnvironment());
    await tier.facts(never);
    assert.deepEqual(await readdir(join(settings.folder, "tmp")), ["young"]);
  }));

test("a folder that cannot be written is told, and reads are misses", () =>
  withFolder(async (settings) => {
    const file = join(settings.folder, "file");
    await writeFile(file, "");
    await using tier = await driver.open({ ...settings, folder: file }, testEnvironment());
    const value = someValue(100);
    await assert.rejects(tier.write([value], never), (error) => isFault(error, "CACHE_UNREACHABLE"));
    assert.equal(await bytesIn(tier, value), undefined);
  }));

test("a path tells its key, and other paths tell none", () => {
  const { key } = someValue(1);
  assert.equal(keyOfPath(pathOfKey("", key).replace(/^chunks./, "")), key);
  for (const path of ["", "a/b", "acme/00/zz", `acme/0/${"0".repeat(63)}`, `../00/${"0".repeat(62)}`, `acme/00/${"0".repeat(62)}/x`])
    assert.equal(keyOfPath(path), undefined);
});
