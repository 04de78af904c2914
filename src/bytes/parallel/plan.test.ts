import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import { archOf, parsePlan, splitOf } from "./index.ts";

function tensor(name: string, shape: readonly number[]): TensorEntry {
  return { name, dtype: "BF16", element: "bf16", shape, range: { start: 0, end: shape.reduce((a, b) => a * b, 2) } };
}

const yaml = `
- { match: "*.wqkv.weight", split: 0, sections: [8, 4, 4] }
- match: "*.wqkv.*"
  split: replicate
- { match: "model.layers.0.mlp.up_proj.weight", split: 1 }
`;

test("the first entry that matches decides, before any rule; what none matches follows the rules", () => {
  const plan = parsePlan(yaml, "ranks.yaml");
  const fused = splitOf(tensor("h.0.wqkv.weight", [16, 8]), undefined, plan);
  assert.deepEqual(fused.kind === "split" && [fused.dim, fused.sections.map((section) => section.size)], [0, [8, 4, 4]]);
  assert.equal(splitOf(tensor("h.0.wqkv.bias", [16]), undefined, plan).kind, "replicate");
  const dims = [0, 1].map((layer) => splitOf(tensor(`model.layers.${layer}.mlp.up_proj.weight`, [8, 8]), archOf({ model_type: "llama" }), plan));
  assert.deepEqual(
    dims.map((split) => split.kind === "split" && split.dim),
    [1, 0],
  );
});

test("JSON is read like YAML", () => {
  assert.deepEqual(parsePlan('[{"match":"*","split":0}]', "p").entries, [{ match: "*", split: 0 }]);
});

const wrong: Record<string, readonly [text: string, message: RegExp]> = {
  "not a list": ["split: 0", /expected array/i],
  "no text": ["", /expected array/i],
  "a missing match": ["- { split: 0 }", /plan p: entry 1, match:/],
  "a word for a dimension": ['- { match: "a", split: 0 }\n- { match: "b", split: columns }', /entry 2, split:/],
  "a negative dimension": ['- { match: "a", split: -1 }', /entry 1, split:/],
  "an empty section": ['- { match: "a", split: 0, sections: [4, 0] }', /entry 1, sections.1:/],
  "an unknown key": ['- { match: "a", split: 0, section: [4] }', /entry 1: .*section/],
  "sections of a replicated tensor": ['- { match: "a", split: replicate, sections: [4] }', /entry 1: a replicated tensor/],
  "broken YAML": ["- { match: ", /neither JSON nor YAML/],
  "a key twice": ['- { match: "a", split: 0, split: 1 }', /neither JSON nor YAML/],
  aliases: ["- &a { match: a, split: 0 }\n- *a", /neither JSON nor YAML/],
  "deep nesting": ["[".repeat(100_000), /plan p: /],
  "too many bytes": ["#".repeat(2 ** 20 + 1), /more than/],
};

for (const [name, [text, message]] of Object.entries(wrong))
  test(`refused: ${name}`, () => {
    assert.throws(
      () => parsePlan(text, "p"),
      (error) => isFault(error, "PLAN_INVALID") && message.test(error.message) && error.advice !== undefined,
    );
  });

test("a plan that does not fit a tensor names the plan, the entry and the tensor", () => {
  const plan = parsePlan(yaml, "ranks.yaml");
  const place = /plan ranks\.yaml: entry 1 \(\*\.wqkv\.weight\) does not fit tensor h\.0\.wqkv\.weight of shape \[12, 8\]: the sections sum up to 16/;
  assert.throws(() => splitOf(tensor("h.0.wqkv.weight", [12, 8]), undefined, plan), place);
  assert.throws(() => splitOf(tensor("model.layers.0.mlp.up_proj.weight", [12]), undefined, plan), /no dimension 1/);
});
