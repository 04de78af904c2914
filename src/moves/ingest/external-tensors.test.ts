import assert from "node:assert/strict";
import { test } from "node:test";
import type { Layout } from "../../bytes/formats/index.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import type { FilePath } from "../../core/names.ts";
import { toldOf } from "./external-tensors.ts";

function tensor(name: string, start: number, end: number): TensorEntry {
  return { name, dtype: "F32", element: "f32", shape: [(end - start) / 4], range: { start, end } };
}

function telling(path: string, location: string, ...tensors: TensorEntry[]): [FilePath, Layout] {
  return [path as FilePath, { format: "onnx", tensors: [], external: new Map([[location, tensors]]) }];
}

const named = (tensors: readonly TensorEntry[] | undefined) => tensors?.map(({ name, range }) => [name, range.start, range.end]);

test("a place is relative to the file that tells of it", () => {
  const told = toldOf([telling("onnx/model.onnx", "model.onnx_data", tensor("w", 0, 8)), telling("decoder.onnx", "onnx/other", tensor("w", 8, 16))]);
  assert.deepEqual([...told.keys()], ["onnx/model.onnx_data", "onnx/other"]);
});

test("what several files tell of one is joined; where they disagree, the first counts", () => {
  const first = telling("a.onnx", "weights", tensor("shared", 0, 400), tensor("a", 800, 1200));
  const second = telling(
    "b.onnx",
    "weights",
    tensor("shared", 0, 400),
    tensor("b", 400, 800),
    tensor("wide", 1000, 1400),
    tensor("late", 1200, 1600),
    tensor("in", 4, 8),
  );
  const told = toldOf([first, second]).get("weights");
  assert.deepEqual(named(told?.tensors), [
    ["shared", 0, 400],
    ["b", 400, 800],
    ["a", 800, 1200],
    ["late", 1200, 1600],
  ]);
});
