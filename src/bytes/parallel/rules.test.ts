import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TensorEntry } from "../../core/manifest.ts";
import { type Arch, archOf, columnsFor, type Split, sliceOf, splitOf, tileOf } from "./index.ts";

function tensor(name: string, shape: readonly number[]): TensorEntry {
  const bytes = shape.reduce((a, b) => a * b, 1) * 2;
  return { name, dtype: "BF16", element: "bf16", shape, range: { start: 0, end: bytes } };
}

/** `-` replicated; else the dimension, its sections where there are several, `~` where uneven ranks replicate, units where not single. */
function spell(split: Split): string {
  if (split.kind === "replicate") return "-";
  const sections = split.sections.map(({ size, units, shared }) => `${size}${units < size ? `/${units}` : ""}${shared ? "s" : ""}`);
  return `${split.dim}:${sections.join("+")}${split.uneven === "replicate" ? "~" : ""}`;
}

type Case = readonly [name: string, shape: readonly number[], split: string];

// Names and shapes as the published checkpoints of each architecture have them, sizes made small.
const cases: Record<string, readonly [config: unknown, tensors: readonly Case[]]> = {
  llama: [
    { model_type: "llama", num_attention_heads: 8, num_key_value_heads: 2 },
    [
      ["model.embed_tokens.weight", [320, 64], "0:320~"],
      ["model.layers.0.self_attn.q_proj.weight", [64, 64], "0:64/8"],
      ["model.layers.0.self_attn.k_proj.weight", [16, 64], "0:16/2s"],
      ["model.layers.0.self_attn.v_proj.weight", [16, 64], "0:16/2s"],
      ["model.layers.0.self_attn.o_proj.weight", [64, 64], "1:64/8"],
      ["model.layers.0.mlp.gate_proj.weight", [160, 64], "0:160"],
      ["model.layers.0.mlp.up_proj.weight", [160, 64], "0:160"],
      ["model.layers.0.mlp.down_proj.weight", [64, 160], "1:160"],
      ["model.layers.0.input_layernorm.weight", [64], "-"],
      ["model.norm.weight", [64], "-"],
      ["lm_head.weight", [320, 64], "0:320~"],
    ],
  ],
  "qwen2 and qwen3: biases and head norms": [
    { architectures: ["Qwen2ForCausalLM"], model_type: "qwen2", num_attention_heads: 4, num_key_value_heads: 4 },
    [
      ["model.layers.3.self_attn.k_proj.bias", [32], "0:32/4s"],
      ["model.layers.3.self_attn.q_norm.weight", [8], "-"],
      ["model.layers.3.mlp.experts.17.down_proj.weight", [64, 32], "1:32"],
      ["model.layers.3.mlp.gate.weight", [60, 64], "-"],
    ],
  ],
  mixtral: [
    { model_type: "mixtral", num_attention_heads: 4 },
    [
      ["model.layers.0.block_sparse_moe.experts.7.w1.weight", [96, 32], "0:96"],
      ["model.layers.0.block_sparse_moe.experts.7.w3.weight", [96, 32], "0:96"],
      ["model.layers.0.block_sparse_moe.experts.7.w2.weight", [32, 96], "1:96"],
      ["model.layers.0.block_sparse_moe.gate.weight", [8, 32], "-"],
    ],
  ],
  "deepseek v3": [
    { model_type: "deepseek_v3", num_attention_heads: 16, num_key_value_heads: 16 },
    [
      ["model.layers.0.self_attn.q_a_proj.weight", [48, 64], "-"],
      ["model.layers.0.self_attn.q_b_proj.weight", [384, 48], "0:384/16"],
      ["model.layers.0.self_attn.kv_a_proj_with_mqa.weight", [40, 64], "-"],
      ["model.layers.0.self_attn.kv_b_proj.weight", [512, 32], "0:512/16"],
      ["model.layers.0.self_attn.o_proj.weight", [64, 256], "1:256/16"],
      ["model.layers.4.mlp.shared_experts.up_proj.weight", [32, 64], "0:32"],
      ["model.layers.4.mlp.experts.255.up_proj.weight_scale_inv", [16, 56], "0:16"],
      ["model.layers.4.mlp.gate.e_score_correction_bias", [256], "-"],
    ],
  ],
  phi3: [
    { model_type: "phi3", num_attention_heads: 8, num_key_value_heads: 2 },
    [
      ["model.layers.0.self_attn.qkv_proj.weight", [96, 64], "0:64/8+16/2s+16/2s"],
      ["model.layers.0.mlp.gate_up_proj.weight", [256, 64], "0:128+128"],
    ],
  ],
  gpt2: [
    { model_type: "gpt2", n_head: 4 },
    [
      ["transformer.wte.weight", [501, 32], "0:501~"],
      ["wpe.weight", [64, 32], "-"],
      ["h.0.attn.c_attn.weight", [32, 96], "1:32/4+32/4+32/4"],
      ["h.0.attn.c_attn.bias", [96], "0:32/4+32/4+32/4"],
      ["h.0.attn.c_proj.weight", [32, 32], "0:32"],
      ["h.0.attn.c_proj.bias", [32], "-"],
      ["h.0.mlp.c_fc.weight", [32, 128], "1:128"],
      ["h.0.mlp.c_proj.weight", [128, 32], "0:128"],
      ["h.0.attn.bias", [1, 1, 64, 64], "-"],
      ["h.0.ln_1.weight", [32], "-"],
    ],
  ],
  starcoder: [
    { model_type: "gpt_bigcode", n_head: 4, multi_query: true },
    [
      ["transformer.h.0.attn.c_attn.weight", [48, 32], "0:32/4+8/1s+8/1s"],
      ["transformer.h.0.mlp.c_fc.weight", [128, 32], "0:128"],
      ["transformer.h.0.mlp.c_proj.weight", [32, 128], "1:128"],
    ],
  ],
  "gpt-neox by its class": [
    { architectures: ["GPTNeoXForCausalLM"], num_attention_heads: 4 },
    [
      ["gpt_neox.embed_in.weight", [320, 32], "0:320~"],
      ["gpt_neox.layers.0.attention.query_key_value.weight", [96, 32], "0:96/4"],
      ["gpt_neox.layers.0.attention.query_key_value.bias", [96], "0:96/4"],
      ["gpt_neox.layers.0.attention.dense.weight", [32, 32], "1:32/4"],
      ["gpt_neox.layers.0.attention.dense.bias", [32], "-"],
      ["gpt_neox.layers.0.mlp.dense_4h_to_h.weight", [32, 128], "1:128"],
      ["embed_out.weight", [320, 32], "0:320~"],
    ],
  ],
  opt: [
    { model_type: "opt", num_attention_heads: 4 },
    [
      ["model.decoder.layers.0.self_attn.out_proj.weight", [32, 32], "1:32/4"],
      ["model.decoder.layers.0.fc1.bias", [128], "0:128"],
      ["model.decoder.layers.0.fc2.weight", [32, 128], "1:128"],
      ["model.decoder.embed_positions.weight", [66, 32], "-"],
    ],
  ],
  bert: [
    { model_type: "bert", num_attention_heads: 4 },
    [
      ["bert.embeddings.word_embeddings.weight", [500, 32], "0:500~"],
      ["bert.embeddings.position_embeddings.weight", [64, 32], "-"],
      ["bert.encoder.layer.0.attention.self.query.weight", [32, 32], "0:32/4"],
      ["bert.encoder.layer.0.attention.output.dense.weight", [32, 32], "1:32/4"],
      ["bert.encoder.layer.0.intermediate.dense.weight", [128, 32], "0:128"],
      ["bert.encoder.layer.0.output.dense.weight", [32, 128], "1:128"],
      ["bert.encoder.layer.0.output.LayerNorm.weight", [32], "-"],
      ["bert.pooler.dense.weight", [32, 32], "-"],
    ],
  ],
  t5: [
    { model_type: "t5", num_heads: 4 },
    [
      ["shared.weight", [320, 32], "0:320~"],
      ["decoder.block.0.layer.1.EncDecAttention.v.weight", [32, 32], "0:32/4"],
      ["encoder.block.0.layer.0.SelfAttention.o.weight", [32, 32], "1:32/4"],
      ["encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", [32, 4], "-"],
      ["encoder.block.0.layer.1.DenseReluDense.wo.weight", [32, 64], "1:64"],
    ],
  ],
  "llama 4: stacked experts, config of several parts": [
    { model_type: "llama4", text_config: { model_type: "llama4_text", num_attention_heads: 4 } },
    [
      ["language_model.model.layers.1.feed_forward.experts.gate_up_proj", [4, 32, 64], "2:32+32"],
      ["language_model.model.layers.1.feed_forward.experts.down_proj", [4, 32, 32], "1:32"],
    ],
  ],
  "GGUF, without a config": [
    undefined,
    [
      ["token_embd.weight", [320, 32], "0:320~"],
      ["blk.0.attn_q.weight", [32, 32], "0:32"],
      ["blk.0.attn_output.weight", [32, 32], "1:32"],
      ["blk.0.ffn_down.weight", [32, 96], "1:96"],
      ["blk.0.ffn_down_exps.weight", [4, 32, 96], "2:96"],
      ["output.weight", [320, 32], "0:320~"],
      ["output_norm.weight", [32], "-"],
    ],
  ],
  "without a config, only what is unambiguous": [
    undefined,
    [
      ["model.layers.0.self_attn.q_proj.weight", [64, 64], "0:64"],
      ["h.0.attn.c_attn.weight", [32, 96], "-"],
      ["model.layers.0.self_attn.qkv_proj.weight", [96, 64], "-"],
      ["model.layers.0.mlp.experts.gate_up_proj", [4, 32, 64], "-"],
    ],
  ],
  "quantized parameters": [
    { model_type: "llama", num_attention_heads: 4 },
    [
      ["model.layers.0.mlp.down_proj.weight_packed", [64, 20], "1:20"],
      ["model.layers.0.mlp.down_proj.weight_scale", [64, 1], "-"],
      ["model.layers.0.mlp.up_proj.weight_scale", [160, 1], "0:160"],
      ["model.layers.0.mlp.up_proj.qweight", [8, 160], "-"],
      ["model.layers.0.mlp.up_proj.lora_A.weight", [8, 64], "-"],
    ],
  ],
};

for (const [name, [config, tensors]] of Object.entries(cases))
  test(`rules: ${name}`, () => {
    const spelled = tensors.map(([tensorName, shape]) => [tensorName, spell(splitOf(tensor(tensorName, shape), archOf(config), undefined))]);
    assert.deepEqual(
      spelled,
      tensors.map(([tensorName, , split]) => [tensorName, split]),
    );
  });

test("a rule's split is one that sliceOf can cut, for two ranks, whatever the sizes", () => {
  const names = Object.values(cases).flatMap(([config, tensors]) => tensors.map(([name, shape]) => ({ name, rank: shape.length, arch: archOf(config) })));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 4, maxLength: 4 }), ({ name, rank, arch }, sizes) => {
      const entry = tensor(
        name,
        sizes.slice(0, rank).map((size) => size * 2),
      );
      const split = splitOf(entry, arch, undefined);
      const { pieces } = sliceOf(entry, { ...split, uneven: "replicate" } as Split, 1, 2);
      for (const { start, rows, rowBytes, stride } of pieces) assert.ok(start >= 0 && start + (rows - 1) * stride + rowBytes <= entry.range.end);
    }),
  );
});

test("a config that says nothing, or nonsense, gives no architecture", () => {
  for (const config of [undefined, null, 3, "llama", [], {}, { model_type: 7 }, { architectures: [null] }, { architectures: "x" }])
    assert.equal(archOf(config), undefined);
  assert.deepEqual(archOf({ model_type: "llama", num_attention_heads: "32", num_key_value_heads: -1 }), {
    family: "llama",
    heads: undefined,
    kvHeads: undefined,
  });
  assert.equal(splitOf(tensor("a.constructor.weight", [2, 2]), { family: "constructor" } as Arch, undefined).kind, "replicate");
});

test("tiles: eighths of what ranks share, along the dimension that they share", () => {
  const llama = archOf({ model_type: "llama", num_attention_heads: 8, num_key_value_heads: 8 });
  const tile = (name: string, shape: readonly number[], arch: Arch | undefined = llama) => Object.values(tileOf(tensor(name, shape), arch));
  assert.deepEqual(tile("a.up_proj.weight", [160, 64]), [8, 1]);
  assert.deepEqual(tile("a.down_proj.weight", [64, 160]), [1, 8]);
  assert.deepEqual(tile("a.down_proj.weight", [64, 164]), [1, 4], "8 ranks cannot share it, 4 can");
  assert.deepEqual(tile("a.down_proj.weight", [64, 161]), [1, 1]);
  assert.deepEqual(tile("a.gate_up_proj.weight", [320, 64]), [16, 1], "eighths of each half");
  assert.deepEqual(tile("a.qkv_proj.weight", [192, 64]), [24, 1]);
  assert.deepEqual(tile("blk.0.ffn_up_exps.weight", [4, 160, 64]), [32, 1], "eighths of each expert");
  assert.deepEqual(tile("a.embed_tokens.weight", [320, 64]), [1, 1], "a vocabulary grows");
  assert.deepEqual(tile("a.norm.weight", [64]), [1, 1]);
  assert.equal(columnsFor(tensor("h.0.attn.c_attn.weight", [32, 96]), archOf({ model_type: "gpt2" })), 24);
});
