/** Fine-tunes of synthetic bf16 weights: every weight moved by a share of its layer's σ, or one in twenty by 5 % of itself. */
import { normal, type Random } from "../../src/bytes/kernels/specimens.ts";
import { asBf16, makeWeights, tune } from "./weights.ts";

type Update = (value: number, sigma: number, random: Random) => number;

const shift =
  (share: number): Update =>
  (value, sigma, random) =>
    value + normal(random) * sigma * share;

const updates: Readonly<Record<string, Update>> = {
  "0.1 % of σ": shift(0.001),
  "0.5 % of σ": shift(0.005),
  "2 % of σ": shift(0.02),
  "sparse 5 %": (value, _sigma, random) => (random() < 0.05 ? value * (1 + 0.05 * normal(random)) : value),
};

export interface Pair {
  readonly name: string;
  readonly element: "bf16" | "f16" | "f32";
  readonly base: Uint8Array;
  readonly tuned: Uint8Array;
}

export function* syntheticPairs(bytes: number): Generator<Pair> {
  const weights = makeWeights(bytes / 2, 1);
  const base = asBf16(weights);
  for (const [name, update] of Object.entries(updates)) {
    const tuned = tune(weights, base, update, 2);
    yield { name, element: "bf16", base: new Uint8Array(base.buffer), tuned: new Uint8Array(tuned.buffer) };
  }
}
