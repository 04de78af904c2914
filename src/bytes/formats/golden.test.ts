/** Files made by the Python packages themselves (test/golden/formats/make.py), and what those packages say is in them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Element } from "../../core/element.ts";
import { type ErrorCode, isFault } from "../../core/errors.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import { readerOf, readLayout, safetensorsMetadata } from "./index.ts";

interface GoldenTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly sha256: string;
}

interface Golden {
  readonly format: string;
  readonly tensors: readonly GoldenTensor[];
  readonly external: Readonly<Record<string, readonly GoldenTensor[]>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly refused?: ErrorCode;
}

const folder = fileURLToPath(new URL("../../../test/golden/formats/", import.meta.url));
const golden = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, Golden>;

function described(tensor: TensorEntry, file: Uint8Array): GoldenTensor {
  const bytes = file.subarray(tensor.range.start, tensor.range.end);
  const { name, dtype, shape } = tensor;
  return { name, dtype, shape, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function byName(tensors: readonly GoldenTensor[]): GoldenTensor[] {
  return [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function inOrder(tensors: readonly TensorEntry[]): boolean {
  return tensors.every((tensor, index) => index === 0 || (tensors[index - 1]?.range.end ?? 0) <= tensor.range.start);
}

test("there are golden files of every format", () => {
  const covered = new Set(Object.values(golden).map(({ format }) => format));
  for (const format of ["safetensors", "gguf", "onnx", "pytorch", "numpy"]) assert.ok(covered.has(format), format);
});

for (const [path, expected] of Object.entries(golden)) {
  test(`${path} is read as the package that wrote it reads it`, async () => {
    const file = readFileSync(join(folder, path));
    const reading = readLayout(basename(path), readerOf(file));
    if (expected.refused) {
      const code = expected.refused;
      await assert.rejects(reading, (error) => isFault(error, code));
      return;
    }
    const layout = await reading;
    assert.equal(layout.format, expected.format);
    assert.deepEqual(byName(layout.tensors.map((tensor) => described(tensor, file))), byName(expected.tensors));
    assert.ok(inOrder(layout.tensors));
    assert.deepEqual([...layout.external.keys()], Object.keys(expected.external));
    for (const [location, tensors] of layout.external) {
      const outside = readFileSync(join(folder, dirname(path), location));
      assert.deepEqual(byName(tensors.map((tensor) => described(tensor, outside))), byName(expected.external[location] ?? []));
    }
    if (expected.metadata) assert.deepEqual(Object.fromEntries(safetensorsMetadata(file)), expected.metadata);
  });
}

test("the element of a tensor, which is where a codec begins", async () => {
  const known: Readonly<Record<string, Readonly<Record<string, Element>>>> = {
    "mixed.safetensors": {
      "embed.weight": "bf16",
      "layers.0.weight": "f16",
      "layers.0.bias": "f32",
      scale: "f64",
      ids: "i64",
      mask: "bool",
      halves: "i16",
      f8: "f8",
    },
    "mixed.gguf": { "blk.0.F16": "f16", "blk.1.BF16": "bf16", "blk.2.Q8_0": "q8_0", "blk.3.Q4_0": "q4_0", "blk.7.TQ1_0": "unknown", ids: "i32" },
    "model.onnx": { f32: "f32", f16: "f16", bf16: "bf16", i8: "i8", i4: "u8", scalar: "f64", truth: "bool" },
    "state.pt": { "state/data/0": "unknown" },
    "arrays.npz": { c: "f32", big: "unknown", complex: "f64", scalar: "i16", text: "unknown", raw: "text", when: "i64", bf16: "unknown", truth: "bool" },
  };
  for (const [path, elements] of Object.entries(known)) {
    const { tensors } = await readLayout(path, readerOf(readFileSync(join(folder, path))));
    for (const [name, element] of Object.entries(elements)) assert.equal(tensors.find((tensor) => tensor.name === name)?.element, element, `${path} ${name}`);
  }
});

test("GGUF version 2 is read as version 3", async () => {
  const file = readFileSync(join(folder, "mixed.gguf"));
  const third = await readLayout("a.gguf", readerOf(file));
  assert.deepEqual(await readLayout("a.gguf", readerOf(new Uint8Array(file).fill(2, 4, 5))), third);
});

test("a file is known by its first bytes when its name says nothing", async () => {
  for (const path of ["mixed.safetensors", "mixed.gguf", "model.onnx", "state.pt", "arrays.npz", "arrays/c.npy"]) {
    const layout = await readLayout("blob", readerOf(readFileSync(join(folder, path))));
    assert.equal(layout.format, golden[path]?.format, path);
    assert.equal(layout.tensors.length, golden[path]?.tensors.length, path);
  }
});

test("a file that only looks like a format is opaque, not an error", async () => {
  for (const head of ["GGUF....", "\x93NUMPY\x01\x00", "PK\x03\x04"]) {
    const layout = await readLayout("blob", readerOf(Buffer.from(head.padEnd(100, "\0"), "latin1")));
    assert.equal(layout.format, "opaque");
  }
});
