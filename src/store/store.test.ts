import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { Element } from "../core/element.ts";
import type { FilePath } from "../core/names.ts";
import { openStore } from "./open.ts";
import { tensorMap } from "./tensors.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  await writeFile(join(folder, "file.bin"), Buffer.alloc(3 << 20, 7));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const inFolder = (...parts: string[]): string => join(folder, ...parts);
const opened = (create?: boolean) => openStore({ store: inFolder("store"), workers: 2, ...(create !== undefined && { create }) });

test("nothing is made where only an existing store will do", async () => {
  await assert.rejects(opened(false), { code: "FILE_MISSING" });
  await assert.rejects(opened(false), { code: "FILE_MISSING" }, "and the first attempt left nothing that looks like one");
});

test("a lost catalog is not made anew beside the volumes that it knew", async () => {
  {
    await using store = await opened();
    await store.volumes.add(inFolder("disk"));
  }
  for (const end of ["", "-wal", "-shm"]) await rm(inFolder("store", `catalog.sqlite${end}`), { force: true });
  await assert.rejects(opened(), { code: "CATALOG_UNREACHABLE" });
});

test("bytes go nowhere but where the settings say, also when none of these places can be had", async () => {
  await mkdir(inFolder("store"));
  await mkdir(inFolder("taken"));
  await writeFile(inFolder("taken", "thesis.txt"), "of somebody");
  await writeFile(inFolder("store", "holdfast.yaml"), `volumes:\n  - { name: mine, url: ${inFolder("taken")} }\n`);
  await using store = await opened();
  await assert.rejects(store.push(inFolder("file.bin"), "a/b"), { code: "VOLUME_UNREACHABLE", message: /mine/ });
  assert.deepEqual(await store.volumes.list(), []);
});

test("closing ends what is going on, and nothing begins after it", async () => {
  const store = await opened();
  const task = store.push(inFolder("file.bin"), "a/b");
  const refused = assert.rejects(task, { code: "CANCELLED" });
  await store[Symbol.asyncDispose]();
  await refused;
  await assert.rejects(store.pull("a/b", inFolder("out")), { code: "CANCELLED" });
  await assert.rejects(store.ls(), { code: "CANCELLED" });
});

test("a signal ends one task and no other", async () => {
  await using store = await opened();
  await assert.rejects(store.push(inFolder("file.bin"), "a/b", { signal: AbortSignal.abort() }), { code: "CANCELLED" });
  assert.equal((await store.push(inFolder("file.bin"), "a/b")).files, 1);
});

test("what the system refuses is a typed error", async () => {
  await using store = await opened();
  await store.push(inFolder("file.bin"), "a/b");
  await assert.rejects(store.pull("a/b", inFolder("file.bin")), { name: "HoldfastError" });
});

test("two stores that open at once make one catalog and one volume", async () => {
  await using a = await opened();
  await using b = await opened();
  await Promise.all([a.push(inFolder("file.bin"), "a/b"), b.push(inFolder("file.bin"), "a/c")]);
  assert.deepEqual(
    (await a.ls()).map(({ model }) => model),
    ["a/b", "a/c"],
  );
  assert.deepEqual(
    (await b.volumes.list()).map(({ name, reachable }) => [name, reachable]),
    [["main", true]],
  );
});

test("numbers are views of the bytes, and what has no number type stays raw", () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(80), 64, 16);
  const typed = (element: Element) => tensorMap([{ name: "t", file: "f" as FilePath, dtype: "", element, shape: [], bytes }]).get("t")?.data;
  const expected = [
    ["f32", Float32Array],
    ["f64", Float64Array],
    ["bf16", Uint16Array],
    ["f16", Uint16Array],
    ["f8", Uint8Array],
    ["i8", Int8Array],
    ["i64", BigInt64Array],
    ["q4_k", Uint8Array],
  ] as const;
  for (const [element, type] of expected) {
    const data = typed(element);
    assert.ok(data instanceof type, element);
    assert.deepEqual([data.buffer, data.byteOffset, data.byteLength], [bytes.buffer, 64, 16]);
  }
});
