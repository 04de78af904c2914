/** Changes to a model that was made, in place: what its next version will be. */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { type Random, randomFrom } from "../../../src/bytes/kernels/specimens.ts";
import type { MadeModel, MadeTensor } from "./model.ts";
import { bytesOfWeights, WeightPool } from "./weights.ts";

const blockBytes = 8 * 1024 * 1024;

/** A run of rows in every matrix drawn anew: `share` of the weights, in one place of each tensor. */
export async function redrawRows(folder: string, model: MadeModel, share: number, seed: number): Promise<void> {
  const random = randomFrom(seed);
  const pool = new WeightPool(3 << 18);
  for (const tensor of matricesOf(model)) {
    const [rows, rowWeights] = tensor.shape;
    const count = Math.max(1, Math.round(rows * share));
    const first = Math.floor(random() * (rows - count));
    const fresh = new Uint16Array(count * rowWeights);
    pool.fill(fresh, rowWeights, random(), random);
    await using file = await open(join(folder, tensor.file), "r+");
    await file.write(bytesOfWeights(fresh), 0, fresh.byteLength, tensor.start + first * rowWeights * 2);
  }
}

/** `share` of all weights moved by one step of bf16, wherever chance has it. */
export async function nudgeWeights(folder: string, model: MadeModel, share: number, seed: number): Promise<void> {
  const random = randomFrom(seed);
  for (const tensor of matricesOf(model)) {
    await using file = await open(join(folder, tensor.file), "r+");
    for (let at = 0; at < tensor.bytes; at += blockBytes) {
      const block = new Uint16Array(Math.min(blockBytes, tensor.bytes - at) / 2);
      await file.read(bytesOfWeights(block), 0, block.byteLength, tensor.start + at);
      nudge(block, share, random);
      await file.write(bytesOfWeights(block), 0, block.byteLength, tensor.start + at);
    }
  }
}

function nudge(weights: Uint16Array, share: number, random: Random): void {
  for (let left = Math.round(weights.length * share); left > 0; left--) {
    const at = Math.floor(random() * weights.length);
    weights[at] = (weights[at] as number) ^ 1;
  }
}

type Matrix = MadeTensor & { readonly shape: readonly [number, number] };

function matricesOf({ tensors }: MadeModel): Matrix[] {
  return tensors.filter((tensor): tensor is Matrix => tensor.shape.length === 2);
}
