/** F8 of the fault catalogue: indexes that send tensors to files outside the model. */
import { type HostileHeader, hostile } from "./case.ts";
import { escapes } from "./onnx.ts";

const fileName = "model.safetensors.index.json";
const indexOf = (weights: string): Buffer => Buffer.from(`{"metadata":{"total_size":1},"weight_map":${weights}}`);

const indexes: Readonly<Record<string, string>> = {
  "a list": "[]",
  "a number for a file": '{"w":1}',
  "an object for a file": '{"w":{"file":"a"}}',
  "a tensor twice": '{"w":"a.safetensors","w":"b.safetensors"}',
  "a name of 1 MB": `{"${"n".repeat(1_000_000)}":"a.safetensors"}`,
  "no end": '{"w":"a.safetensors"',
};

export function* indexHeaders(): Generator<HostileHeader> {
  for (const path of escapes) yield hostile(fileName, `part ${JSON.stringify(path.slice(0, 40))}`, indexOf(JSON.stringify({ w: path })));
  for (const [name, weights] of Object.entries(indexes)) yield hostile(fileName, name, indexOf(weights));
  yield hostile(fileName, "no weight map", Buffer.from("{}"));
  yield hostile(fileName, "weight map twice", Buffer.from('{"weight_map":{},"weight_map":{}}'));
  yield hostile(fileName, "metadata nested 100,000 deep", Buffer.from(`{"metadata":${"[".repeat(100_000)}`));
  yield hostile(fileName, "invalid UTF-8", indexOf("{}").fill(0xff, 2, 3));
}
