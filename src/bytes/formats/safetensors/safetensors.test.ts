import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../../core/errors.ts";
import { formatSuite } from "../conformance.ts";
import { readerOf } from "../range-reader.ts";
import { safetensorsTypes } from "./dtypes.ts";
import { safetensorsMetadata } from "./header.ts";
import { safetensors } from "./safetensors.ts";
import { type HeaderTensor, writeSafetensorsHeader } from "./write.ts";

formatSuite(safetensors, ["mixed.safetensors", "plain.safetensors"]);

function fileOf(json: string, dataBytes: number): Uint8Array {
  const header = Buffer.from(json);
  const file = Buffer.alloc(8 + header.length + dataBytes);
  file.writeBigUInt64LE(BigInt(header.length));
  file.set(header, 8);
  return file;
}

async function refused(file: Uint8Array, reason: RegExp, code: "FORMAT_INVALID" | "FORMAT_UNSUPPORTED" = "FORMAT_INVALID"): Promise<void> {
  await assert.rejects(safetensors.layout(readerOf(file), ""), (error) => isFault(error, code) && reason.test(error.message));
}

const byteTypes = [...safetensorsTypes].filter(([, { bits }]) => bits % 8 === 0).map(([dtype]) => dtype);
const tensors = fc.uniqueArray(
  fc.record({ name: fc.string({ unit: "grapheme" }), dtype: fc.constantFrom(...byteTypes), shape: fc.array(fc.nat(5), { maxLength: 4 }) }),
  { selector: (tensor: HeaderTensor) => tensor.name, maxLength: 12 },
);
const metadata = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }))).map((pairs) => new Map(pairs));

test("a written header reads back as the same tensors, one behind the other from a multiple of 8 to the end", async () => {
  await fc.assert(
    fc.asyncProperty(tensors, metadata, async (written, pairs) => {
      const header = writeSafetensorsHeader(written, pairs);
      assert.equal(header.length % 8, 0);
      const sizes = written.map(({ dtype, shape }) => ((safetensorsTypes.get(dtype)?.bits ?? 0) / 8) * shape.reduce((a, b) => a * b, 1));
      const file = Buffer.concat([header, Buffer.alloc(sizes.reduce((a, b) => a + b, 0))]);
      const layout = await safetensors.layout(readerOf(file), "");
      const byName = new Map(layout.tensors.map((tensor) => [tensor.name, tensor]));
      let start = header.length;
      for (const [index, { name, dtype, shape }] of written.entries()) {
        const found = byName.get(name);
        const end = start + (sizes[index] ?? 0);
        assert.deepEqual([found?.dtype, found?.shape, found?.range], [dtype, shape, { start, end }]);
        start = end;
      }
      assert.equal(layout.tensors.length, written.length);
      assert.deepEqual(safetensorsMetadata(header), pairs);
    }),
  );
});

test("what the writer refuses", () => {
  const one = { name: "a", dtype: "F32", shape: [1] };
  assert.throws(
    () => writeSafetensorsHeader([one, one], new Map()),
    (error) => isFault(error, "ARGUMENT_INVALID"),
  );
  assert.throws(
    () => writeSafetensorsHeader([{ ...one, dtype: "Q4_0" }], new Map()),
    (error) => isFault(error, "ARGUMENT_INVALID"),
  );
});

test("the tensors must tile the file from the end of the header to its last byte", async () => {
  const u8 = (begin: number, end: number): string => `{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]}`;
  assert.equal((await safetensors.layout(readerOf(fileOf(`{"b":${u8(4, 8)},"a":${u8(0, 4)}}`, 8)), "")).tensors[0]?.name, "a");
  await refused(fileOf(`{"a":${u8(0, 4)},"b":${u8(4, 8)}}`, 9), /end at byte/);
  await refused(fileOf(`{"a":${u8(0, 4)},"b":${u8(4, 8)}}`, 7), /end at byte/);
  await refused(fileOf(`{"a":${u8(0, 4)},"b":${u8(5, 9)}}`, 9), /begins at byte/);
  await refused(fileOf(`{"a":${u8(0, 4)},"b":${u8(3, 7)}}`, 7), /begins at byte/);
  await refused(fileOf(`{"a":${u8(1, 4)}}`, 4), /begins at byte/);
  await refused(fileOf("{}", 1), /end at byte/);
  await refused(Buffer.concat([fileOf(`{"a":${u8(0, 4)}}`, 4), Buffer.from("PK\x05\x06")]), /end at byte/);
});

test("sizes, dtypes and fields that do not fit", async () => {
  const one = (fields: string, bytes = 4): Uint8Array => fileOf(`{"a":{${fields}}}`, bytes);
  await refused(one('"dtype":"F32","shape":[2],"data_offsets":[0,4]'), /does not fill/);
  await refused(one('"dtype":"F4","shape":[3],"data_offsets":[0,2]', 2), /whole byte/);
  await refused(one('"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]'), /overflows/);
  await refused(one('"dtype":"F32","shape":[9007199254740991],"data_offsets":[0,4]'), /overflow/);
  await refused(one('"dtype":"F33","shape":[1],"data_offsets":[0,4]'), /unknown dtype/, "FORMAT_UNSUPPORTED");
  await refused(one('"dtype":"F32","shape":[1],"data_offsets":[4,0]'), /does not fill/);
  await refused(one('"dtype":"F32","shape":[1],"data_offsets":[0,4,8]'), /more than 2/);
  await refused(one('"dtype":"F32","shape":[1]'), /needs a dtype/);
  await refused(one('"dtype":"F32","shape":[1],"data_offsets":[0,4],"code":"x"'), /unknown field/);
  await refused(fileOf('{"__metadata__":{"a":1}}', 0), /missing/);
});

test("a header length that is not the header's", async () => {
  await refused(new Uint8Array(0), /ends before/);
  await refused(new Uint8Array(7), /ends before/);
  const long = Buffer.alloc(64);
  long.writeBigUInt64LE(57n);
  await refused(long, /ends before/);
  long.writeBigUInt64LE(2n ** 63n);
  await refused(long, /at most/);
  await refused(fileOf(" {}", 0), /begin with/);
  await refused(fileOf("{}x", 0), /follows/);
});
