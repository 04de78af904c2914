/** X2 of the fault catalogue: GGUF headers that lie. */
import { Bytes, type HostileHeader, hostile, truncated } from "./case.ts";

const fileName = "model.gguf";
const kind = { u8: 0, u32: 4, string: 8, array: 9, u64: 10 } as const;
const f32 = 0;

interface Prelude {
  readonly magic?: string;
  readonly version?: number;
  readonly tensors?: number | bigint;
  readonly pairs?: number | bigint;
}

interface Info {
  readonly name?: string;
  readonly nameBytes?: number | bigint;
  readonly rank?: number;
  readonly dims?: readonly (number | bigint)[];
  readonly type?: number;
  readonly offset?: number | bigint;
}

function text(bytes: Bytes, value: string | Uint8Array, length: number | bigint = Buffer.from(value).length): Bytes {
  return bytes.u64(length).raw(value);
}

function prelude({ magic = "GGUF", version = 3, tensors = 0, pairs = 0 }: Prelude): Bytes {
  return new Bytes().raw(magic).u32(version).u64(tensors).u64(pairs);
}

function info(bytes: Bytes, { name = "t", nameBytes, dims = [8], rank = dims.length, type = f32, offset = 0 }: Info): Bytes {
  text(bytes, name, nameBytes).u32(rank);
  for (const size of dims) bytes.u64(size);
  return bytes.u32(type).u64(offset);
}

/** A file of the given infos over `dataBytes` of data, without metadata. */
function fileOf(infos: readonly Info[], dataBytes: number): Buffer {
  const bytes = prelude({ tensors: infos.length });
  for (const one of infos) info(bytes, one);
  return bytes.pad(32).raw(Buffer.alloc(dataBytes)).done();
}

/** A file of one pair, whose value the caller writes, and one tensor. */
function pairOf(key: string | Uint8Array, value: (bytes: Bytes) => Bytes): Buffer {
  const bytes = value(text(prelude({ tensors: 1, pairs: 1 }), key));
  return info(bytes, {}).pad(32).raw(Buffer.alloc(32)).done();
}

export const goodGguf = pairOf("general.name", (bytes) => text(bytes.u32(kind.string), "good"));

const infos: Readonly<Record<string, readonly Info[]>> = {
  "no dimensions": [{ dims: [] }],
  "9 dimensions": [{ dims: [1, 1, 1, 1, 1, 1, 1, 1, 8] }],
  "2^32 − 1 dimensions": [{ rank: 0xffffffff }],
  "dimension 0": [{ dims: [0] }],
  "dimension 2^32 + 1": [{ dims: [2 ** 32 + 1] }],
  "dimension 2^63": [{ dims: [2n ** 63n] }],
  "dimension −1": [{ dims: [-1n] }],
  "product of dimensions wraps to 8": [{ dims: [2 ** 32, 2 ** 32, 8] }],
  "product of dimensions overflows": [{ dims: [2 ** 31, 2 ** 31, 2 ** 31] }],
  "size overflows": [{ dims: [2 ** 51], type: 28 }],
  "rows that are no whole blocks": [{ dims: [31], type: 8 }],
  "unknown type": [{ type: 99 }],
  "type that was taken out": [{ type: 4 }],
  "type 2^32 − 1": [{ type: 0xffffffff }],
  "one row longer than the file": [{ dims: [9] }],
  "begins after the file": [{ offset: 4096 }],
  "offset 2^63": [{ offset: 2n ** 63n }],
  "offset 2^53": [{ offset: 2n ** 53n }],
  "offset that wraps": [{ offset: 2n ** 64n - 32n }],
  "offset off the alignment": [{ offset: 4 }],
  "overlap in part": [
    { name: "a", dims: [16] },
    { name: "b", offset: 32, dims: [8] },
  ],
  "the same bytes twice": [{ name: "a" }, { name: "b" }],
  "the same name twice": [{ name: "a" }, { name: "a", offset: 32 }],
  "name that is no UTF-8": [{ name: "\ufffd", nameBytes: 2, rank: 1 }],
  "name of 2^63 bytes": [{ nameBytes: 2n ** 63n }],
  "name of 2^40 bytes": [{ nameBytes: 2 ** 40 }],
  "name longer than the file": [{ nameBytes: 4000 }],
  "name of 1 MB": [{ name: "n".repeat(1_000_000) }],
};

const preludes: Readonly<Record<string, Prelude>> = {
  "another magic": { magic: "GGML" },
  "magic in lower case": { magic: "gguf" },
  "version 0": { version: 0 },
  "version 1": { version: 1 },
  "version 4": { version: 4 },
  "big-endian": { version: 0x03000000 },
  "2^63 tensors": { tensors: 2n ** 63n },
  "2^64 − 1 tensors": { tensors: 2n ** 64n - 1n },
  "2^40 tensors": { tensors: 2 ** 40 },
  "one tensor and none there": { tensors: 1 },
  "2^63 pairs": { pairs: 2n ** 63n },
  "2^40 pairs": { pairs: 2 ** 40 },
  "one pair and none there": { pairs: 1 },
};

const u32Pair = (value: number) => (bytes: Bytes) => bytes.u32(kind.u32).u32(value);
const arrayOf = (itemKind: number, count: number | bigint) => (bytes: Bytes) => bytes.u32(kind.array).u32(itemKind).u64(count);

function nested(depth: number): (bytes: Bytes) => Bytes {
  return (bytes) => {
    bytes.u32(kind.array);
    for (let level = 1; level < depth; level++) bytes.u32(kind.array).u64(1);
    return bytes.u32(kind.u8).u64(1).u8(0);
  };
}

const values: Readonly<Record<string, (bytes: Bytes) => Bytes>> = {
  "unknown kind 13": (bytes) => bytes.u32(13).u64(0),
  "kind 2^32 − 1": (bytes) => bytes.u32(0xffffffff),
  "string of 2^63 bytes": (bytes) => bytes.u32(kind.string).u64(2n ** 63n),
  "string longer than the file": (bytes) => bytes.u32(kind.string).u64(10_000),
  "array of 2^63 bytes": arrayOf(kind.u8, 2n ** 63n),
  "array of 2^61 u64, whose size wraps": arrayOf(kind.u64, 2n ** 61n),
  "array longer than the file": arrayOf(kind.u32, 1000),
  "array of 2^53 strings": arrayOf(kind.string, 2n ** 53n - 1n),
  "array of an unknown kind": arrayOf(77, 1),
  "array nested 5 deep": nested(5),
  "array nested 100,000 deep": nested(100_000),
};

export function* ggufHeaders(): Generator<HostileHeader> {
  // The last 31 bytes of a file may be padding; this one has none.
  yield* truncated(fileName, goodGguf, 24);
  for (const [name, list] of Object.entries(infos)) yield hostile(fileName, name, fileOf(list, 32));
  for (const [name, start] of Object.entries(preludes)) yield hostile(fileName, name, prelude(start).pad(32).done());
  for (const [name, value] of Object.entries(values)) yield hostile(fileName, `metadata: ${name}`, pairOf("key", value));
  for (const alignment of [0, 3, 24, 2 ** 31, 0xffffffff]) yield hostile(fileName, `alignment ${alignment}`, pairOf("general.alignment", u32Pair(alignment)));
  yield hostile(
    fileName,
    "alignment 2^40",
    pairOf("general.alignment", (bytes) => bytes.u32(kind.u64).u64(2 ** 40)),
  );
  yield hostile(
    fileName,
    "alignment is a string",
    pairOf("general.alignment", (bytes) => text(bytes.u32(kind.string), "32")),
  );
  yield hostile(fileName, "key that is no UTF-8", pairOf(Buffer.from([0xff, 0xfe]), u32Pair(1)));
  yield hostile(fileName, "key twice", twice());
  yield hostile(fileName, "nothing but a dimension of 0", fileOf([{ dims: [0] }], 0));
  yield hostile(fileName, "whole blocks, but not in each row", fileOf([{ dims: [16, 2], type: 8 }], 34));
  yield hostile(fileName, "hole before the first tensor", fileOf([{ offset: 32 }], 64));
  yield hostile(fileName, "hole between two tensors", fileOf([{ name: "a" }, { name: "b", offset: 64 }], 96));
  yield hostile(
    fileName,
    "tensor off the alignment",
    fileOf(
      [
        { name: "a", dims: [1] },
        { name: "b", offset: 4 },
      ],
      64,
    ),
  );
  yield hostile(fileName, "HTML behind the tensors", Buffer.concat([goodGguf, Buffer.from("<!doctype html><script>alert(1)</script>")]));
  yield hostile(fileName, "a page of nothing behind the tensors", Buffer.concat([goodGguf, Buffer.alloc(4096)]));
  yield* sparse();
}

function twice(): Buffer {
  const bytes = prelude({ pairs: 2 });
  for (const value of [1, 2]) text(bytes, "key").u32(kind.u32).u32(value);
  return bytes.done();
}

/** Headers that go on for ever in files that cost their author nothing. */
function* sparse(): Generator<HostileHeader> {
  const huge = { sparseBytes: 2 ** 40 };
  yield hostile(
    fileName,
    "2^36 empty strings in a hole",
    text(prelude({ pairs: 1 }), "key")
      .u32(kind.array)
      .u32(kind.string)
      .u64(2 ** 36)
      .done(),
    huge,
  );
  yield hostile(
    fileName,
    "2^36 empty arrays in a hole",
    text(prelude({ pairs: 1 }), "key")
      .u32(kind.array)
      .u32(kind.array)
      .u64(2 ** 36)
      .done(),
    huge,
  );
  yield hostile(fileName, "2^32 empty keys in a hole", prelude({ pairs: 2 ** 32 }).done(), huge);
  yield hostile(fileName, "2^20 empty tensors in a hole", prelude({ tensors: 2 ** 20 }).done(), huge);
  yield hostile(fileName, "2^21 tensors in a hole", prelude({ tensors: 2 ** 21 }).done(), huge);
}
