/** Single tensors: read into a file, replaced in a new version, and never lost when several replace at once. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { isFault } from "../../src/core/errors.ts";
import { defaultRef, parseModelName } from "../../src/core/names.ts";
import { tensorToFile } from "../../src/flows/get-tensor.ts";
import { withVersion } from "../../src/flows/load.ts";
import { loadTensor } from "../../src/flows/load-tensors.ts";
import { type SetTensorRequest, setTensor } from "../../src/flows/set-tensor.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { Coordination } from "../../src/places/coordinate/index.ts";
import type { Locks } from "../../src/places/coordinate/locks.ts";
import { coordinatorWith, liarLocks, stubbornLocks } from "../../src/places/coordinate/test-tools.ts";
import { never, quiet, Stand } from "./stand.ts";
import { bytesOfTensor, placeOf, sha256, someBytes, specs, tensorFile, withTensor } from "./tensors.ts";

const model = parseModelName("ns/model");
const at = { model, revision: undefined };
const path = "model.safetensors";

let stand: Stand;
/** What the file of the newest version is. */
let file: Uint8Array;

async function set(name: string, source: SetTensorRequest["source"], engine: Engine = stand.engine) {
  const request = { model, ref: defaultRef, name, file: undefined, source, message: "", durability: { replicas: 2, replicasMin: 2 }, lockWaitMs: 200 };
  return setTensor(engine, request, quiet, never);
}

async function expectFile(expected: Uint8Array): Promise<void> {
  await stand.expectLoads({ [path]: expected });
  const [entry] = await withVersion(stand.engine, at, never, async ({ manifest }) => manifest.files.filter((one) => one.path === path));
  assert.equal(entry?.sha256, sha256(expected), "the SHA-256 of the whole file is that of its new bytes");
}

suite("single tensors", () => {
  before(async () => {
    stand = await Stand.make(2);
    file = tensorFile(1);
    await stand.push({ [path]: file, "config.json": Buffer.from("{}") });
  });
  after(() => stand[Symbol.asyncDispose]());

  for (const [seed, name] of Object.keys(specs).entries())
    test(`${name} is replaced, and nothing else`, async () => {
      const bytes = someBytes(bytesOfTensor(name), 100 + seed);
      const before = await set(name, bytes);
      file = withTensor(file, name, bytes);
      await expectFile(file);
      if (name !== "empty") assert.notEqual(before.version, before.previous);
      assert.ok(before.newBytes < bytes.length + 300_000, `${before.newBytes} bytes of chunks are new`);
      const [loaded] = (await loadTensor(stand.engine, { at, name, file: undefined }, quiet, never)).tensors;
      assert.deepEqual([loaded?.name, sha256(loaded?.bytes ?? bytes)], [name, sha256(bytes)]);
    });

  test("a few changed weights are stored as a difference", async () => {
    const [start, end] = placeOf(file, "large.a");
    const bytes = Uint8Array.from(file.subarray(start, end));
    for (let index = 0; index < bytes.length; index += 4000) bytes[index] = (bytes[index] as number) ^ 1;
    const { newBytes, storedBytes } = await set("large.a", bytes);
    assert.ok(storedBytes < newBytes / 4, `${storedBytes} of ${newBytes}`);
    file = withTensor(file, "large.a", bytes);
    await expectFile(file);
  });

  test("the same bytes again are no new version", async () => {
    const [start, end] = placeOf(file, "norm.b");
    const { version, previous, newBytes } = await set("norm.b", file.subarray(start, end));
    assert.deepEqual([version, newBytes], [previous, 0]);
  });

  test("what was written as a NumPy file can be set again, and bytes as they are too", async () => {
    for (const name of Object.keys(specs)) {
      const [start, end] = placeOf(file, name);
      for (const out of [join(stand.folder, `${name}.npy`), join(stand.folder, `${name}.bin`)]) {
        await tensorToFile(stand.engine, { at, name, file: undefined }, out, quiet, never);
        const written = await readFile(out);
        assert.deepEqual(sha256(written.subarray(written.length - (end - start))), sha256(file.subarray(start, end)), out);
        assert.equal(out.endsWith(".npy"), written.length > end - start);
        const { version, previous } = await set(name, out);
        assert.equal(version, previous, out);
      }
    }
  });

  test("what does not fit is refused, and nothing moves", async () => {
    const before = await stand.engine.catalog.ref(model, defaultRef);
    const large = join(stand.folder, "large.a.npy");
    const array = await readFile(large);
    const reordered = join(stand.folder, "reordered.npy");
    await writeFile(reordered, Buffer.from(array.toString("latin1").replace("False", "True "), "latin1"));
    const invalid = (error: unknown): boolean => isFault(error, "ARGUMENT_INVALID", "FORMAT_INVALID");
    await assert.rejects(set("large.b", large), invalid, "another shape");
    await assert.rejects(set("large.a", reordered), invalid, "column-major");
    await assert.rejects(set("large.a", new Uint8Array(12)), invalid, "too few bytes");
    await assert.rejects(set("counts", join(stand.folder, "ids.npy")), invalid, "another type");
    await assert.rejects(set("large.a", join(stand.folder, "nowhere.npy")), (error) => isFault(error, "FILE_MISSING"));
    await assert.rejects(set("nobody", new Uint8Array(1)), (error) => isFault(error, "TENSOR_MISSING"));
    assert.equal(await stand.engine.catalog.ref(model, defaultRef), before);
  });

  const locks: readonly (readonly [string, Locks | undefined])[] = [["locks", undefined], ["a lock that always says yes", liarLocks], ["one that always says no", stubbornLocks]]; // biome-ignore format: a table
  for (const [kind, lying] of locks)
    test(`with ${kind} no change of several at once is lost`, async () => {
      await using coordination = new Coordination(coordinatorWith(lying), stand.world);
      const engine = { ...stand.engine, coordination };
      const names = Object.keys(specs).filter((name) => name !== "empty");
      const changes = names.map((name, index) => ({ name, bytes: someBytes(bytesOfTensor(name), 1000 + index + kind.length) }));
      await Promise.all(changes.map(({ name, bytes }) => set(name, bytes, engine)));
      for (const { name, bytes } of changes) file = withTensor(file, name, bytes);
      await expectFile(file);
    });
});
