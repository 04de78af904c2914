/** A model folder with the shape of a small Llama: bf16 weights with the statistics of trained ones, in parts, with index, config and tokenizer. */
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { asBf16, makeWeights } from "../../bench/data/weights.ts";
import { writeSafetensorsHeader } from "../../src/bytes/formats/index.ts";
import { bf16Bits, normal, randomFrom } from "../../src/bytes/kernels/specimens.ts";

const hidden = 1536;
const inner = 4096;
const kv = 384;

const shapes: Readonly<Record<string, readonly number[]>> = {
  "self_attn.q_proj.weight": [hidden, hidden],
  "self_attn.k_proj.weight": [kv, hidden],
  "self_attn.v_proj.weight": [kv, hidden],
  "self_attn.o_proj.weight": [hidden, hidden],
  "mlp.gate_proj.weight": [inner, hidden],
  "mlp.up_proj.weight": [inner, hidden],
  "mlp.down_proj.weight": [hidden, inner],
  "input_layernorm.weight": [hidden],
};

/** Weights to cut tensors from: drawing each one anew would take longer than all that is done with them. */
const poolWeights = 8 << 20;

export interface ModelWeights {
  readonly base: Uint16Array;
  /** The same after a little training: most weights moved by less than a step of bf16. */
  readonly tuned: Uint16Array;
}

export function drawWeights(): ModelWeights {
  const weights = makeWeights(poolWeights, 1);
  const base = asBf16(weights);
  const random = randomFrom(2);
  const tuned = Uint16Array.from(weights.values, (value) => bf16Bits(value + normal(random) * 6e-5));
  return { base, tuned };
}

export async function writeModel(folder: string, weights: Uint16Array, parts: number, layersPerPart: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = randomFrom(3);
  const weightMap: Record<string, string> = {};
  for (let part = 0; part < parts; part++) {
    const file = `model-${String(part + 1).padStart(5, "0")}-of-${String(parts).padStart(5, "0")}.safetensors`;
    const tensors = Array.from({ length: layersPerPart }, (_, layer) =>
      Object.entries(shapes).map(([name, shape]) => ({ name: `model.layers.${part * layersPerPart + layer}.${name}`, dtype: "BF16", shape })),
    ).flat();
    const out = createWriteStream(join(folder, file));
    out.write(writeSafetensorsHeader(tensors, new Map([["format", "pt"]])));
    for (const { name, shape } of tensors) {
      const count = shape.reduce((product, size) => product * size, 1);
      const from = Math.floor(random() * (weights.length - count));
      out.write(new Uint8Array(weights.buffer, weights.byteOffset + from * 2, count * 2));
      weightMap[name] = file;
    }
    out.end();
    await finished(out);
  }
  const config = {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: hidden,
    intermediate_size: inner,
    num_attention_heads: 12,
    num_key_value_heads: 3,
    num_hidden_layers: parts * layersPerPart,
    torch_dtype: "bfloat16",
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config, null, 2));
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ metadata: {}, weight_map: weightMap }, null, 2));
  await writeFile(
    join(folder, "tokenizer.json"),
    JSON.stringify({ model: { vocab: Object.fromEntries(Array.from({ length: 32000 }, (_, id) => [`token${id}`, id])) } }),
  );
}
