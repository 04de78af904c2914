import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { MiB } from "../core/units.ts";
import { Arena } from "./arena.ts";
import { JobQueue } from "./job-queue.ts";
import { deskOffset } from "./memory-map.ts";
import { DataPool } from "./pool.ts";
import { requireSpan } from "./span.ts";

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "holdfast-pool-"));
after(() => rmSync(folder, { recursive: true }));

function sparseFile(name: string, bytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  truncateSync(path, bytes);
  return path;
}

test("every job is counted by its kind, also one that fails, and its time by stage", async () => {
  const path = join(folder, "source");
  writeFileSync(path, new Uint8Array(MiB));
  const arena = new Arena(8 * MiB, deskOffset(2));
  await using pool = new DataPool(arena, 2);
  assert.deepEqual(pool.measures(), { workers: 2, jobs: {}, busyMs: {} });
  using stage = await arena.lend(2 * MiB, never);
  const ingest = (bytes: number) => {
    const piece = { path, start: 0, bytes, at: 0, chunks: [{ offset: 0, rows: 1, rowBytes: bytes, stride: bytes }], whole: true };
    return pool.run({ kind: "ingest", pieces: [piece], stage: requireSpan(stage.bytes) });
  };
  await Promise.all([ingest(MiB), ingest(MiB), assert.rejects(ingest(2 * MiB))]);
  const { jobs, busyMs } = pool.measures();
  assert.deepEqual(jobs, { ingest: 3 });
  assert.deepEqual(Object.keys(busyMs).sort(), ["digest", "ingest", "sha256", "source"]);
  assert.ok(Object.values(busyMs).every((ms) => ms > 0));
});

test("no job waits behind a long one while another worker is free", async () => {
  const path = sparseFile("long", 1024 * MiB);
  const arena = new Arena(8 * MiB, deskOffset(2));
  await using pool = new DataPool(arena, 2);
  using short = await arena.lend(64, never);
  const ended: string[] = [];
  const long = pool.run({ kind: "sha256", key: "long", from: { path, start: 0, bytes: 1024 * MiB }, last: true }).then(() => ended.push("long"));
  const others = Array.from({ length: 8 }, async () => {
    await pool.run({ kind: "crc32c", from: [requireSpan(short.bytes)] });
    ended.push("short");
  });
  await Promise.all([long, ...others]);
  assert.deepEqual(ended, [...Array(8).fill("short"), "long"]);
});

test("closed, it lets the jobs that have begun come to their end, and refuses those that wait", async () => {
  const path = sparseFile("begun", 256 * MiB);
  const arena = new Arena(8 * MiB, deskOffset(1));
  const pool = new DataPool(arena, 1);
  const hash = (bytes: number) => pool.run({ kind: "sha256", key: `${bytes}`, from: { path, start: 0, bytes }, last: true });
  const begun = hash(256 * MiB);
  const refused = [hash(MiB), hash(2 * MiB)].map((job) => assert.rejects(job, { code: "CANCELLED" }));
  await Promise.all([pool[Symbol.asyncDispose](), ...refused]);
  assert.equal(
    await begun,
    createHash("sha256")
      .update(new Uint8Array(256 * MiB))
      .digest("hex"),
  );
  await assert.rejects(hash(MiB), { code: "CANCELLED" });
});

test("what moves bytes of a disk goes before what waited longer, and else the first to come is the first to go", () => {
  const queue = new JobQueue<string>();
  queue.add("pack", "pack 1");
  queue.add("read", "read 1");
  queue.add("ingest", "ingest 1");
  queue.add("publish", "publish 1");
  assert.deepEqual([queue.next(), queue.next(), queue.next(), queue.next(), queue.next()], ["read 1", "publish 1", "pack 1", "ingest 1", undefined]);
});
