import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { isSafetensorsIndex, parseSafetensorsIndex } from "./safetensors-index.ts";

function parsed(text: string): [string, string][] {
  return [...parseSafetensorsIndex(Buffer.from(text))];
}

test("the weight map, whatever else the index says", () => {
  const text = '{"metadata":{"total_size":1e9,"made":{"by":[null,true,-1.5]}},"weight_map":{"a":"m-1.safetensors","__proto__":"sub/m-2.safetensors"}}';
  assert.deepEqual(parsed(text), [
    ["a", "m-1.safetensors"],
    ["__proto__", "sub/m-2.safetensors"],
  ]);
  assert.ok(isSafetensorsIndex("model.safetensors.index.json"));
  assert.ok(!isSafetensorsIndex("config.json"));
});

test("a path that leaves the folder is refused, as is an index that is not one", () => {
  const paths = ["../up", "a/../../up", "/etc/passwd", "C:\\\\x", "..", "", "a//b", "a\\u0000b", "\\u202ex", "con"];
  const bad = [
    ...paths.map((path) => `{"weight_map":{"t":"${path}"}}`),
    "{}",
    "[]",
    "",
    '{"weight_map":[]}',
    '{"weight_map":{"t":1}}',
    '{"weight_map":{"t":"a","t":"b"}}',
  ];
  for (const text of bad)
    assert.throws(
      () => parsed(text),
      (error) => isFault(error, "FORMAT_INVALID"),
      text,
    );
});
