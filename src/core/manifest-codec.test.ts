import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "cborg";
import fc from "fast-check";
import type { Digest } from "./digest.ts";
import { type Element, elements } from "./element.ts";
import { isFault } from "./errors.ts";
import { limits } from "./limits.ts";
import type { FileEntry, Manifest, Run, TensorEntry } from "./manifest.ts";
import { decodeManifest, encodeManifest } from "./manifest-codec.ts";
import type { DomainName, FilePath, ModelName, VersionId } from "./names.ts";
import { compareUtf8 } from "./order.ts";
import { countChunks } from "./runs.ts";

/** Plain objects, so that a deep comparison sees what the decoder makes. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}
const element = fc.constantFrom(...elements);
const count = fc.integer({ min: 1, max: 9 });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const hexText = (digits: number) => fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: digits, maxLength: digits });

type Unplaced = (start: number) => Run;
const evenRun: fc.Arbitrary<Unplaced> = fc
  .record({ bytes: fc.integer({ min: 1, max: 2 ** 40 }), step: fc.integer({ min: 2 ** 21, max: limits.chunkBytesMax }), element })
  .map(({ bytes, step, element }) => (start) => ({ kind: "even", start, bytes: bytes % (step * 50) || 1, step, element }));
const tiledRun: fc.Arbitrary<Unplaced> = fc
  .record({ columns: fc.integer({ min: 2, max: 24 }), width: fc.integer({ min: 1, max: 5000 }), rows: count, bandRows: count, element })
  .map(({ columns, width, rows, bandRows, element }) => (start) => {
    const rowBytes = columns * width;
    return { kind: "tiled", start, bytes: rows * rowBytes, rowBytes, columns, bandRows, element };
  });
const contentRun: fc.Arbitrary<Unplaced> = fc
  .record({ lengths: fc.array(fc.integer({ min: 1, max: limits.chunkBytesMax }), { minLength: 1, maxLength: 20 }), element })
  .map(({ lengths, element }) => (start) => ({ kind: "content", start, lengths, bytes: lengths.reduce((a, b) => a + b), element }));

function place(unplaced: readonly Unplaced[]): Run[] {
  let end = 0;
  return unplaced.map((at) => {
    const run = at(end);
    end += run.bytes;
    return run;
  });
}

function tensorsIn(bytes: number): fc.Arbitrary<TensorEntry[]> {
  const cut = record({ name: text, dtype: text, element, shape: fc.array(fc.maxSafeNat(), { maxLength: 5 }), a: fc.nat(bytes), b: fc.nat(bytes) });
  return fc
    .array(cut, { maxLength: 6 })
    .map((cuts) => cuts.map(({ a, b, ...rest }) => ({ ...rest, range: { start: Math.min(a, b), end: Math.max(a, b) } })))
    .map((tensors) => tensors.sort((a, b) => a.range.start - b.range.start));
}

const body: fc.Arbitrary<Omit<FileEntry, "path">> = fc.array(fc.oneof(evenRun, tiledRun, contentRun), { maxLength: 6 }).chain((unplaced) => {
  const runs = place(unplaced);
  const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  const size = countChunks(runs) * 32;
  return record({
    bytes: fc.constant(bytes),
    sha256: hexText(64) as fc.Arbitrary<string> as fc.Arbitrary<Digest>,
    format: text,
    tensors: tensorsIn(Math.min(bytes, 2 ** 31 - 1)),
    runs: fc.constant(runs),
    digests: fc.nat(255).map((fill) => new Uint8Array(size).fill(fill)),
  });
});

const segment = fc.constantFrom("a", "b c", "ä", "\u{1f680}", "\ufeffx", "\uffee", "model-00001-of-00008.safetensors");
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join("/")}.f` as FilePath);
const files = fc
  .uniqueArray(path, { maxLength: 5 })
  .chain((paths) => fc.tuple(...paths.map((path) => body.map((rest) => ({ path, ...rest })))))
  .map((files) => files.sort((a, b) => compareUtf8(a.path, b.path)));
const manifest: fc.Arbitrary<Manifest> = record({
  domain: fc.constantFrom("default", "acme") as fc.Arbitrary<string> as fc.Arbitrary<DomainName>,
  model: fc.constant("acme/llama" as ModelName),
  parent: fc.option(hexText(40) as fc.Arbitrary<string> as fc.Arbitrary<VersionId>, { nil: undefined }),
  message: text,
  files,
});

const sample: Manifest = {
  domain: "acme" as DomainName,
  model: "acme/llama" as ModelName,
  parent: "ab".repeat(20) as VersionId,
  message: "first",
  files: [file("config.json", [{ kind: "even", start: 0, bytes: 700, step: 1048576, element: "text" }])],
};

function file(path: string, runs: readonly Run[], rest: Partial<FileEntry> = {}): FileEntry {
  const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  const digests = rest.digests ?? new Uint8Array(countChunks(runs) * 32).fill(7);
  return { path: path as FilePath, bytes, sha256: "cd".repeat(32) as Digest, format: "opaque", tensors: [], runs, digests, ...rest };
}

function withFiles(...files: FileEntry[]): Manifest {
  return { ...sample, files };
}

const isCorrupt = (error: unknown) => isFault(error, "OBJECT_CORRUPT");

test("every manifest comes back as it was", () => {
  fc.assert(
    fc.property(manifest, (value) => assert.deepEqual(decodeManifest(encodeManifest(value)), value)),
    { numRuns: 300 },
  );
});

test("the bytes are those that another CBOR encoder makes of the same items", () => {
  fc.assert(
    fc.property(manifest, (value) => {
      const bytes = encodeManifest(value);
      // The other decoder drops a byte order mark at the start of a text; ours keeps it.
      fc.pre(!JSON.stringify(value).includes("\ufeff"));
      assert.deepEqual(new Uint8Array(encode(decode(bytes, { strict: true, allowIndefinite: false }))), bytes);
    }),
    { numRuns: 100 },
  );
});

test("the bytes of format 1 do not change", () => {
  const items = [
    "holdfast-manifest",
    1,
    "acme",
    "acme/llama",
    new Uint8Array(20).fill(0xab),
    "first",
    [["config.json", 700, new Uint8Array(32).fill(0xcd), "opaque", [], [[0, 21, 700, 1048576]], new Uint8Array(32).fill(7)]],
  ];
  assert.deepEqual(encodeManifest(sample), new Uint8Array(encode(items)));
});

test("the numbers of the elements are those of the format page", () => {
  const page = "bf16 f16 f32 f64 f8 i8 u8 i16 i32 i64 bool q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k text unknown";
  assert.equal(elements.join(" "), page);
});

test("damaged bytes are refused, and what is accepted is canonical", () => {
  const damage = fc.array(record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 3 });
  let accepted = 0;
  fc.assert(
    fc.property(manifest, damage, fc.boolean(), (value, edits, cut) => {
      const bytes = encodeManifest(value);
      for (const { at, byte } of edits) bytes[at % bytes.byteLength] = byte;
      const damaged = cut ? bytes.subarray(0, (edits[0]?.at ?? 0) % bytes.byteLength) : bytes;
      try {
        assert.deepEqual(encodeManifest(decodeManifest(damaged)), new Uint8Array(damaged));
        accepted++;
      } catch (error) {
        assert.ok(isFault(error, "OBJECT_CORRUPT", "STORE_UNSUPPORTED"), String(error));
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(accepted > 20, "some edits fall into digests and text, where any bytes are right");
});

test("foreign bytes are refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => assert.throws(() => decodeManifest(bytes), isCorrupt)));
  for (const bomb of [new Uint8Array(200_000).fill(0x81), new Uint8Array(200_000).fill(0x9b), new Uint8Array(0)])
    assert.throws(() => decodeManifest(bomb), isCorrupt);
});

test("an item in more bytes than it needs is refused", () => {
  const bytes = encodeManifest(sample);
  const at = 2 + "holdfast-manifest".length - 1 + 1;
  assert.equal(bytes[at], 1);
  const longer = Buffer.concat([bytes.subarray(0, at), Buffer.from([0x18, 0x01]), bytes.subarray(at + 1)]);
  assert.throws(() => decodeManifest(longer), /more bytes than it needs/);
  assert.throws(() => decodeManifest(Buffer.concat([bytes, Buffer.from([0])])), /more bytes after the last item/);
});

test("a newer format is unsupported, not corrupt, whatever follows its number", () => {
  assert.throws(
    () => decodeManifest(encode(["holdfast-manifest", 2, { any: "thing" }])),
    (error) => isFault(error, "STORE_UNSUPPORTED"),
  );
});

test("a huge count makes no room", () => {
  const head = encode(["holdfast-manifest", 1, "acme", "acme/llama", null, "", []]).slice(0, -1);
  const claim = Buffer.from([0x9a, 0xff, 0xff, 0xff, 0xff]);
  assert.throws(() => decodeManifest(Buffer.concat([head, claim])), /an array of 4294967295 items in 0 bytes/);
});

const even = (start: number, bytes: number, step = 1 << 20, element: Element = "bf16"): Run => ({ kind: "even", start, bytes, step, element });
const tiled = (rest: Partial<Run & { kind: "tiled" }>): Run => ({
  kind: "tiled",
  start: 0,
  bytes: 8000,
  rowBytes: 80,
  columns: 8,
  bandRows: 50,
  element: "bf16",
  ...rest,
});
const tensor = (start: number, end: number): TensorEntry => ({ name: "w", dtype: "BF16", element: "bf16", shape: [1], range: { start, end } });

const broken: Record<string, () => Manifest> = {
  "a gap between runs": () => withFiles(file("a", [even(0, 10), even(11, 10)])),
  "runs that end early": () => withFiles(file("a", [even(0, 10)], { bytes: 11 })),
  "runs beyond the end": () => withFiles(file("a", [even(0, 10)], { bytes: 9 })),
  "an empty run": () => withFiles(file("a", [even(0, 0)])),
  "a chunk above the bound": () => withFiles(file("a", [even(0, 10, limits.chunkBytesMax + 1)])),
  "a step of nothing": () => withFiles(file("a", [even(0, 10, 0)], { digests: new Uint8Array(0) })),
  "a fraction": () => withFiles(file("a", [even(0, 10, 1.5)])),
  "rows that do not divide the run": () => withFiles(file("a", [tiled({ bytes: 8001 })])),
  "columns that do not divide the row": () => withFiles(file("a", [tiled({ columns: 7 })])),
  "one column": () => withFiles(file("a", [tiled({ columns: 1 })])),
  "a band above the window": () => withFiles(file("a", [tiled({ bandRows: limits.windowBytes / 80 + 1 })])),
  "a tile above the bound": () => withFiles(file("a", [tiled({ bytes: 9e6, rowBytes: 9e6, columns: 2, bandRows: 1 })])),
  "lengths that do not sum up": () => withFiles(file("a", [{ kind: "content", start: 0, bytes: 10, lengths: [4, 5], element: "text" }])),
  "an empty chunk": () => withFiles(file("a", [{ kind: "content", start: 0, bytes: 9, lengths: [9, 0], element: "text" }])),
  "digests for another count": () => withFiles(file("a", [even(0, 10)], { digests: new Uint8Array(64) })),
  "a tensor beyond the file": () => withFiles(file("a", [even(0, 10)], { tensors: [tensor(0, 11)] })),
  "tensors out of order": () => withFiles(file("a", [even(0, 10)], { tensors: [tensor(5, 6), tensor(0, 5)] })),
  "files out of order": () => withFiles(file("b", [even(0, 1)]), file("a", [even(0, 1)])),
  "one path twice": () => withFiles(file("a", [even(0, 1)]), file("a", [even(0, 1)])),
  "paths that fold into one": () => withFiles(file("A", [even(0, 1)]), file("a", [even(0, 1)])),
  "a file that is a folder": () => withFiles(file("a", [even(0, 1)]), file("a/b", [even(0, 1)])),
  "a path out of the folder": () => withFiles(file("../a", [even(0, 1)])),
  "a model without namespace": () => ({ ...sample, model: "llama" as ModelName }),
  "a domain with a slash": () => ({ ...sample, domain: "a/b" as DomainName }),
  "a lone surrogate": () => ({ ...sample, message: "\ud800" }),
};

for (const [name, make] of Object.entries(broken))
  test(`not written: ${name}`, () => {
    assert.throws(
      () => encodeManifest(make()),
      (error) => isFault(error),
    );
  });

test("names and runs are checked when bytes are read, too", () => {
  const items = (path: string, bytes: number): Uint8Array =>
    encode([
      "holdfast-manifest",
      1,
      "acme",
      "acme/llama",
      null,
      "",
      [[path, bytes, new Uint8Array(32), "opaque", [], [[0, 21, 700, 1048576]], new Uint8Array(32)]],
    ]);
  assert.equal(decodeManifest(items("ok", 700)).files.length, 1);
  assert.throws(() => decodeManifest(items("../ok", 700)), isCorrupt);
  assert.throws(() => decodeManifest(items("ok", 701)), isCorrupt);
});

test("nothing in the answer shares memory with the input, and shared memory can be read", () => {
  const bytes = encodeManifest(sample);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  const value = decodeManifest(shared);
  shared.fill(0);
  assert.deepEqual(value, sample);
});

test("small files and packed digests cost what the format page says", () => {
  const small = Array.from({ length: 2000 }, (_, index) => file(`d/${index + 1000}`, [even(0, 5000)]));
  assert.ok(encodeManifest(withFiles(...small)).byteLength / 2000 - "d/1000".length <= 94);
  const large = file("m", [even(0, 100e9)]);
  assert.ok(encodeManifest(withFiles(large)).byteLength < 3.2e6);
});
