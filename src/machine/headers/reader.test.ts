import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeSafetensorsHeader } from "../../bytes/formats/index.ts";
import { isFault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { realWorld, type World } from "../../core/world/index.ts";
import { openHeaderReader } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "headers-"));
after(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
/** Limits that a busy machine does not reach: for tests of something else. */
const ample = { deadlineMs: 60_000 };

function saved(name: string, bytes: Uint8Array): [path: string, fileName: string, bytes: number] {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return [path, name, bytes.length];
}

function headerOf(count: number): Uint8Array {
  return writeSafetensorsHeader(
    Array.from({ length: count }, (_, index) => ({ name: `layer.${index}`, dtype: "BF16", shape: [0, 8] })),
    new Map(),
  );
}

test("one thread reads many files, in any number at once, and a layout larger than one batch arrives whole", async () => {
  await using headers = openHeaderReader(realWorld, ample);
  const counts = [0, 1, 4095, 4096, 4097, 20_000];
  const layouts = await Promise.all(counts.map((count) => headers.layout(...saved(`${count}.safetensors`, headerOf(count)), never)));
  assert.deepEqual(
    layouts.map(({ tensors }) => tensors.length),
    counts,
  );
  assert.equal(layouts[5]?.tensors[19_999]?.name, "layer.19999");
});

test("a small file whose name claims nothing is opaque unread; a large one is known by its first bytes", async () => {
  await using headers = openHeaderReader(realWorld, { probedBytesMin: 100 });
  const small = await headers.layout(join(folder, "not there"), "notes.txt", 99, never);
  assert.deepEqual([small.format, small.tensors.length], ["opaque", 0]);
  await assert.rejects(headers.layout(join(folder, "not there"), "notes.txt", 100, never), (error) => isFault(error, "FILE_MISSING"));
  assert.equal((await headers.layout(...saved("sha256-abc", headerOf(9)), never)).format, "safetensors");
  assert.equal((await headers.layout(...saved("noise", Buffer.alloc(200, 0x7b)), never)).format, "opaque");
});

test("what is wrong with a file is told by its path, and the next file is read", async () => {
  await using headers = openHeaderReader(realWorld);
  const cut = saved("cut.safetensors", headerOf(3).subarray(0, 50));
  await assert.rejects(
    headers.layout(...cut, never),
    (error) => isFault(error, "FORMAT_INVALID") && error.message.startsWith(cut[0]) && error.advice !== undefined,
  );
  await assert.rejects(headers.layout(join(folder, "no.safetensors"), "no.safetensors", 9, never), (error) => isFault(error, "FILE_MISSING"));
  const [path, name, bytes] = saved("grown.safetensors", headerOf(3));
  await assert.rejects(headers.layout(path, name, bytes + 8, never), (error) => isFault(error, "FORMAT_INVALID"));
  await assert.rejects(headers.layout(saved("shrunk.safetensors", new Uint8Array(4))[0], name, bytes, never), (error) => isFault(error, "SOURCE_CHANGED"));
  assert.equal((await headers.layout(path, name, bytes, never)).tensors.length, 3);
});

test("a header that needs too much memory costs its thread, not the process, and the next file gets another", async () => {
  await using headers = openHeaderReader(realWorld, { ...ample, heapBytesMax: 16 * MiB });
  const greedy = saved("greedy.safetensors", headerOf(150_000));
  await assert.rejects(headers.layout(...greedy, never), (error) => isFault(error, "FORMAT_INVALID") && /memory/.test(error.message));
  assert.equal((await headers.layout(...saved("modest.safetensors", headerOf(3)), never)).tensors.length, 3);
});

/** Sleeps that are at least so long end at once, as if the time had passed. */
function hurried(msMin: () => number): World {
  return { ...realWorld, sleep: (ms, signal) => (ms >= msMin() ? Promise.resolve() : realWorld.sleep(ms, signal)) };
}

test("a header that takes too long costs its thread, and the next file gets another", async () => {
  let msMin = 4 * ample.deadlineMs;
  await using headers = openHeaderReader(
    hurried(() => msMin),
    ample,
  );
  const slow = saved("slow.safetensors", headerOf(50_000));
  await assert.rejects(headers.layout(...slow, never), (error) => isFault(error, "FORMAT_INVALID") && /took longer/.test(error.message));
  msMin = Number.POSITIVE_INFINITY;
  assert.equal((await headers.layout(...slow, never)).tensors.length, 50_000);
});

test("so does one that takes too much processor time, whatever the clock says", async () => {
  const timeless: World = { ...realWorld, sleep: (ms, signal) => (ms >= 100 ? new Promise(() => {}) : realWorld.sleep(ms, signal)) };
  await using headers = openHeaderReader(timeless, { deadlineMs: 25 });
  await assert.rejects(headers.layout(...saved("heavy.safetensors", headerOf(90_000)), never), (error) => isFault(error, "FORMAT_INVALID"));
});

test("a thread that had no processor time is waited for when the time has passed", async () => {
  const jumpy: World = { ...realWorld, sleep: (ms, signal) => (ms < 4 * ample.deadlineMs ? realWorld.sleep(1, signal) : realWorld.sleep(ms, signal)) };
  await using headers = openHeaderReader(jumpy, ample);
  assert.equal((await headers.layout(...saved("waiting.safetensors", headerOf(50_000)), never)).tensors.length, 50_000);
});

test("cancelling ends the file that is read and those that wait", async () => {
  await using headers = openHeaderReader(realWorld, ample);
  const file = saved("many.safetensors", headerOf(50_000));
  const stop = new AbortController();
  const reads = [1, 2, 3].map(() => headers.layout(...file, stop.signal));
  setImmediate(() => stop.abort());
  for (const read of reads) await assert.rejects(read, (error) => isFault(error, "CANCELLED"));
  assert.equal((await headers.layout(...file, never)).tensors.length, 50_000);
});
