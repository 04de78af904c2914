import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../../core/errors.ts";
import { readerOf } from "../range-reader.ts";
import { npyHeader, readNpyFacts } from "./npy-file.ts";

const golden = new URL("../../../../test/golden/formats/arrays/", import.meta.url);
const read = (name: string) => readNpyFacts(readerOf(readFileSync(new URL(name, golden))));

test("what NumPy wrote is read, with the order of its elements", async () => {
  const [c, fortran] = [await read("c.npy"), await read("fortran.npy")];
  assert.deepEqual([c.fortranOrder, fortran.fortranOrder], [false, true]);
  assert.equal((await read("version-2.npy")).itemBytes, Number((await read("version-2.npy")).descr.slice(2)));
  await assert.rejects(read("records.npy"), (error) => isFault(error, "FORMAT_UNSUPPORTED"));
});

test("a header is byte for byte the one that NumPy wrote", () => {
  const file = readFileSync(new URL("c.npy", golden));
  const { descr, shape } = headOf(file);
  assert.deepEqual(Buffer.from(npyHeader(descr, shape)), file.subarray(0, 10 + file.readUInt16LE(8)));
});

function headOf(file: Buffer): { descr: string; shape: number[] } {
  const [, descr = "", shape = ""] = /'descr': '([^']+)'.*'shape': \(([^)]*)\)/.exec(file.toString("latin1", 10, 128)) ?? [];
  return { descr, shape: shape.split(",").filter((word) => word.trim() !== "").map(Number) }; // biome-ignore format: one line
}

test("every header that is written is read again", async () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("<u2", "|i1", "<f8", "|b1", "<c8"), shapes, async (descr, shape) => {
      const header = npyHeader(descr, shape);
      const bytes = shape.reduce((product, length) => product * length, Number(descr.slice(2)));
      const facts = await readNpyFacts(readerOf(Buffer.concat([header, new Uint8Array(bytes)])));
      assert.deepEqual(facts, { descr, shape, itemBytes: Number(descr.slice(2)), start: header.byteLength, fortranOrder: false });
      assert.equal(header.byteLength % 64, 0);
      await assert.rejects(readNpyFacts(readerOf(Buffer.concat([header, new Uint8Array(bytes + 1)]))), (error) => isFault(error, "FORMAT_INVALID"));
    }),
  );
});

test("whatever is given, it is facts or a refusal", async () => {
  const file = readFileSync(new URL("c.npy", golden));
  const changed = fc.array(fc.tuple(fc.nat({ max: 127 }), fc.nat({ max: 255 })), { maxLength: 6 }).map((changes) => {
    const copy = Buffer.from(file);
    for (const [at, byte] of changes) copy[at] = byte;
    return copy;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), async (bytes) => {
      await readNpyFacts(readerOf(bytes)).catch((error: unknown) => assert.ok(isFault(error, "FORMAT_INVALID", "FORMAT_UNSUPPORTED"), String(error)));
    }),
  );
});
