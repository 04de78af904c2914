// What a rank has to read: chunks are read and verified whole, so their borders decide how much more than its share a rank fetches.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bandsIn, planRuns, withContent } from "../../src/bytes/chunking/index.ts";
import { archOf, type SlicePiece, sliceOf, splitOf, tileOf } from "../../src/bytes/parallel/index.ts";
import type { Run, TensorEntry } from "../../src/core/manifest.ts";

interface Shape {
  readonly layers: number;
  readonly hidden: number;
  readonly inner: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly words: number;
}

const models: Record<string, Shape> = {
  "7B": { layers: 2, hidden: 4096, inner: 11008, heads: 32, kvHeads: 32, words: 32000 },
  "8B with grouped queries": { layers: 2, hidden: 4096, inner: 14336, heads: 32, kvHeads: 8, words: 128256 },
  "1B": { layers: 2, hidden: 2048, inner: 8192, heads: 32, kvHeads: 8, words: 128256 },
  "0.5B": { layers: 2, hidden: 896, inner: 4864, heads: 16, kvHeads: 8, words: 151936 },
  "1.1B with four key heads": { layers: 22, hidden: 2048, inner: 5632, heads: 32, kvHeads: 4, words: 32000 },
  "an odd one": { layers: 2, hidden: 1536, inner: 4480, heads: 12, kvHeads: 4, words: 50000 },
};

function llama({ layers, hidden, inner, heads, kvHeads, words }: Shape): TensorEntry[] {
  const kv = (hidden / heads) * kvHeads;
  const layer = (at: number) =>
    Object.entries({
      "self_attn.q_proj": [hidden, hidden],
      "self_attn.k_proj": [kv, hidden],
      "self_attn.v_proj": [kv, hidden],
      "self_attn.o_proj": [hidden, hidden],
      "mlp.gate_proj": [inner, hidden],
      "mlp.up_proj": [inner, hidden],
      "mlp.down_proj": [hidden, inner],
      input_layernorm: [hidden],
    }).map(([name, shape]) => [`model.layers.${at}.${name}.weight`, shape] as const);
  let end = 3000;
  return [["model.embed_tokens.weight", [words, hidden]] as const, ...Array.from({ length: layers }, (_, at) => layer(at)).flat()].map(([name, shape]) => {
    const start = end;
    end += shape.reduce((a, b) => a * b, 2);
    return { name, dtype: "BF16", element: "bf16", shape, range: { start, end } };
  });
}

function touches(piece: SlicePiece, spot: SlicePiece): boolean {
  const columns = (a: SlicePiece, offset: number) => (((a.start - offset) % a.stride) + a.stride) % a.stride;
  if (piece.rows === 1 || spot.rows === 1) return true;
  const from = columns(spot, piece.start);
  return from < piece.rowBytes || from + spot.rowBytes > piece.stride;
}

/** Bytes of the chunks that hold any byte of the pieces. */
function readBytes(runs: readonly Run[], pieces: readonly SlicePiece[]): number {
  const chunks = new Map<number, number>();
  for (const piece of pieces) {
    const range = { start: piece.start, end: piece.start + (piece.rows - 1) * piece.stride + piece.rowBytes };
    for (const band of bandsIn(runs, range)) for (const spot of band.chunks) if (touches(piece, spot)) chunks.set(spot.index, spot.bytes);
  }
  return [...chunks.values()].reduce((sum, bytes) => sum + bytes, 0);
}

for (const [name, shape] of Object.entries(models))
  test(`${name}: a rank reads at most 1.05 of its share of the split tensors`, () => {
    const arch = archOf({ model_type: "llama", num_attention_heads: shape.heads, num_key_value_heads: shape.kvHeads });
    const tensors = llama(shape);
    const bytes = (tensors.at(-1) as TensorEntry).range.end;
    const runs = withContent(planRuns({ bytes, tensors, tile: (tensor) => tileOf(tensor, arch) }), (region) => [region.bytes]);
    for (const rank of [0, 1, 3]) {
      const pieces = tensors.flatMap((tensor) => {
        const split = splitOf(tensor, arch, undefined);
        return split.kind === "split" ? sliceOf(tensor, split, rank, 4).pieces : [];
      });
      const share = pieces.reduce((sum, piece) => sum + piece.rows * piece.rowBytes, 0);
      const ratio = readBytes(runs, pieces) / share;
      assert.ok(ratio >= 1 && ratio <= 1.05, `rank ${rank}: ${ratio}`);
    }
  });
