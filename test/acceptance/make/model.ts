/** A model folder with the shape of a Llama: bf16 weights in parts, with index, config and tokenizer. Any size in fixed memory. */
import { createHash } from "node:crypto";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeSafetensorsHeader } from "../../../src/bytes/formats/index.ts";
import { type Random, randomFrom } from "../../../src/bytes/kernels/specimens.ts";
import type { Digests } from "../trees.ts";
import { bytesOfWeights, WeightPool } from "./weights.ts";

export interface ModelOptions {
  /** About this large; layers are whole. */
  readonly bytes: number;
  readonly parts: number;
  readonly seed: number;
  /** Default: from the size. */
  readonly hidden?: number;
}

export interface MadeModel {
  readonly bytes: number;
  readonly tensors: readonly MadeTensor[];
  /** What was written, digested as it was. */
  readonly digests: Digests;
}

export interface MadeTensor {
  readonly file: string;
  readonly name: string;
  readonly shape: readonly [number, number] | readonly [number];
  /** Where its bytes begin in the file. */
  readonly start: number;
  readonly bytes: number;
}

/** How a rank of a tensor-parallel group has a tensor: its rows, its columns, or all of it. */
export function splitOf(name: string): "rows" | "columns" | "whole" {
  if (/layernorm|norm\.weight$/.test(name)) return "whole";
  return /o_proj|down_proj/.test(name) ? "columns" : "rows";
}

interface Shape {
  readonly hidden: number;
  readonly inner: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly words: number;
}

type Tensor = Pick<MadeTensor, "name" | "shape">;

function shapeFor(bytes: number, hiddenWanted?: number): Shape {
  const hidden = hiddenWanted ?? [4096, 2048, 1024, 512].find((size) => size * size * 2 * 12 * 6 <= bytes) ?? 256;
  return { hidden, inner: Math.ceil((hidden * 8) / 3 / 128) * 128, heads: Math.max(8, hidden / 128), kvHeads: 4, words: hidden * 4 };
}

function layerOf({ hidden, inner, heads, kvHeads }: Shape, layer: number): Tensor[] {
  const kv = (hidden / heads) * kvHeads;
  const shapes = {
    input_layernorm: [hidden],
    "self_attn.q_proj": [hidden, hidden],
    "self_attn.k_proj": [kv, hidden],
    "self_attn.v_proj": [kv, hidden],
    "self_attn.o_proj": [hidden, hidden],
    "mlp.gate_proj": [inner, hidden],
    "mlp.up_proj": [inner, hidden],
    "mlp.down_proj": [hidden, inner],
  } as const;
  return Object.entries(shapes).map(([name, shape]) => ({ name: `model.layers.${layer}.${name}.weight`, shape }));
}

const weightsOf = ({ shape }: Pick<MadeTensor, "shape">): number => shape[0] * (shape[1] ?? 1);
const sumOf = (tensors: readonly Tensor[]): number => tensors.reduce((sum, tensor) => sum + 2 * weightsOf(tensor), 0);

export async function makeModel(folder: string, options: ModelOptions): Promise<MadeModel> {
  const shape = shapeFor(options.bytes, options.hidden);
  const vocabulary: Tensor = { name: "model.embed_tokens.weight", shape: [shape.words, shape.hidden] };
  const layers = Math.max(options.parts, Math.round((options.bytes - sumOf([vocabulary])) / sumOf(layerOf(shape, 0))));
  await mkdir(folder, { recursive: true });
  const writer = new ModelWriter(folder, options);
  for (let part = 0; part < options.parts; part++) {
    const [from, to] = [part, part + 1].map((edge) => Math.round((layers * edge) / options.parts)) as [number, number];
    const tensors = Array.from({ length: to - from }, (_, at) => layerOf(shape, from + at)).flat();
    await writer.part(part, part === 0 ? [vocabulary, ...tensors] : tensors);
  }
  await writer.small("config.json", configOf(shape, layers));
  await writer.small("model.safetensors.index.json", { metadata: {}, weight_map: Object.fromEntries(writer.tensors.map(({ name, file }) => [name, file])) });
  await writer.small("tokenizer.json", { model: { vocab: Object.fromEntries(Array.from({ length: shape.words }, (_, id) => [`token${id}`, id])) } });
  return writer;
}

function configOf({ hidden, inner, heads, kvHeads, words }: Shape, layers: number): object {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: hidden,
    intermediate_size: inner,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    num_hidden_layers: layers,
    vocab_size: words,
    torch_dtype: "bfloat16",
  };
}

const blockWeights = 4 << 20;

class ModelWriter implements MadeModel {
  readonly tensors: MadeTensor[] = [];
  readonly digests = new Map<string, string>();
  bytes = 0;
  readonly #folder: string;
  readonly #options: ModelOptions;
  readonly #random: Random;
  readonly #pool: WeightPool;
  readonly #block: Uint16Array;

  constructor(folder: string, options: ModelOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#random = randomFrom(options.seed);
    this.#pool = options.bytes < 64e6 ? new WeightPool(3 << 18) : new WeightPool();
    this.#block = new Uint16Array(Math.min(blockWeights, Math.max(options.bytes, 1 << 16)));
  }

  async part(part: number, tensors: readonly Tensor[]): Promise<void> {
    const number = (value: number): string => String(value).padStart(5, "0");
    const file = `model-${number(part + 1)}-of-${number(this.#options.parts)}.safetensors`;
    const header = writeSafetensorsHeader(
      tensors.map((tensor) => ({ ...tensor, dtype: "BF16" })),
      new Map([["format", "pt"]]),
    );
    const hash = createHash("sha256");
    await using out = await open(join(this.#folder, file), "w");
    let at = 0;
    const write = async (bytes: Uint8Array): Promise<void> => {
      hash.update(bytes);
      await out.writev([bytes]);
      at += bytes.byteLength;
    };
    await write(header);
    for (const tensor of tensors) {
      this.tensors.push({ ...tensor, file, start: at, bytes: 2 * weightsOf(tensor) });
      for (const block of this.#blocksOf(tensor)) await write(bytesOfWeights(block));
    }
    this.digests.set(file, hash.digest("hex"));
    this.bytes += at;
  }

  async small(name: string, content: object): Promise<void> {
    const text = JSON.stringify(content);
    await writeFile(join(this.#folder, name), text);
    this.digests.set(name, createHash("sha256").update(text).digest("hex"));
    this.bytes += Buffer.byteLength(text);
  }

  *#blocksOf({ shape }: Tensor): Generator<Uint16Array> {
    const [rows, rowWeights] = shape.length === 1 ? [1, shape[0]] : shape;
    const layerScale = this.#random();
    const rowsPerBlock = Math.max(1, Math.floor(this.#block.length / rowWeights));
    for (let row = 0; row < rows; row += rowsPerBlock) {
      const block = this.#block.subarray(0, Math.min(rowsPerBlock, rows - row) * rowWeights);
      this.#pool.fill(block, rowWeights, layerScale, this.#random);
      yield block;
    }
  }
}
