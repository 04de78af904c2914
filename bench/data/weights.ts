/**
 * Synthetic weights with the statistics of trained ones: layers of 2^20 weights whose σ is log-uniform in 0.008–0.04, rows of
 * 1024 with a log-normal scale of their own (0.25), one weight in a thousand four times as large. From a seed.
 */
import { bf16Bits, f16Bits, normal, type Random, randomFrom } from "../../src/bytes/kernels/specimens.ts";

const layerWeights = 1 << 20;
const rowWeights = 1024;

export interface Weights {
  readonly values: Float32Array;
  /** σ of the layer that each run of 2^20 weights belongs to. */
  readonly sigmas: readonly number[];
}

export function makeWeights(count: number, seed: number): Weights {
  const random = randomFrom(seed);
  const values = new Float32Array(count);
  const sigmas: number[] = [];
  let scale = 0;
  for (let i = 0; i < count; i++) {
    if (i % layerWeights === 0) sigmas.push(0.008 * 5 ** random());
    if (i % rowWeights === 0) scale = (sigmas.at(-1) as number) * Math.exp(0.25 * normal(random));
    values[i] = normal(random) * scale * (random() < 0.001 ? 4 : 1);
  }
  return { values, sigmas };
}

function sigmaAt({ sigmas }: Weights, index: number): number {
  return sigmas[Math.floor(index / layerWeights)] as number;
}

const bytesOf = (elements: Uint16Array | Float32Array): Uint8Array => new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);

export function asBf16({ values }: Weights): Uint16Array {
  return Uint16Array.from(values, bf16Bits);
}

function asF16({ values }: Weights): Uint16Array {
  return Uint16Array.from(values, f16Bits);
}

/** Symmetric int8 with a scale for each row. */
function asInt8({ values }: Weights): Uint8Array {
  const quants = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row += rowWeights) {
    const largest = values.subarray(row, row + rowWeights).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let i = row; i < row + rowWeights; i++) quants[i] = Math.round(((values[i] as number) * 127) / largest);
  }
  return quants;
}

/** fp8 e4m3 with a scale for each layer: nearest of the 127 magnitudes. */
function asFp8({ values }: Weights): Uint8Array {
  const codes = new Uint8Array(values.length);
  for (let layer = 0; layer < values.length; layer += layerWeights) {
    const largest = values.subarray(layer, layer + layerWeights).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let i = layer; i < Math.min(values.length, layer + layerWeights); i++) codes[i] = fp8Code(((values[i] as number) * 448) / largest);
  }
  return codes;
}

function fp8Code(value: number): number {
  const magnitude = Math.abs(value);
  const exponent = Math.max(-6, Math.floor(Math.log2(magnitude || 1e-30)));
  const eighths = Math.round(magnitude / 2 ** (exponent - 3));
  const code = magnitude < 2 ** -6 ? eighths : (exponent + 6) * 8 + eighths;
  return (value < 0 ? 128 : 0) | Math.min(126, code);
}

/** The half of each layer with the smallest magnitudes set to zero. */
function pruneHalf(weights: Uint16Array): Uint16Array {
  const pruned = weights.slice();
  for (let layer = 0; layer < pruned.length; layer += layerWeights) {
    const part = pruned.subarray(layer, layer + layerWeights);
    const median = part.map((bits) => bits & 0x7fff).sort()[part.length >> 1] as number;
    for (const [i, bits] of part.entries()) if ((bits & 0x7fff) < median) part[i] = 0;
  }
  return pruned;
}

/** Of each four neighbours the two smallest magnitudes set to zero. */
function pruneTwoOfFour(weights: Uint16Array): Uint16Array {
  const pruned = weights.slice();
  const magnitude = (i: number): number => (pruned[i] as number) & 0x7fff;
  for (let at = 0; at < pruned.length; at += 4) {
    const order = [at, at + 1, at + 2, at + 3].sort((a, b) => magnitude(a) - magnitude(b));
    for (const i of order.slice(0, 2)) pruned[i] = 0;
  }
  return pruned;
}

/** The kinds of chunk bytes that codecs meet, by name. */
export const kinds = {
  bf16: { element: "bf16", make: (weights: Weights): Uint8Array => bytesOf(asBf16(weights)) },
  f16: { element: "f16", make: (weights: Weights): Uint8Array => bytesOf(asF16(weights)) },
  f32: { element: "f32", make: (weights: Weights): Uint8Array => bytesOf(weights.values) },
  int8: { element: "i8", make: asInt8 },
  fp8: { element: "f8", make: asFp8 },
  prune50: { element: "bf16", make: (weights: Weights): Uint8Array => bytesOf(pruneHalf(asBf16(weights))) },
  "2:4": { element: "bf16", make: (weights: Weights): Uint8Array => bytesOf(pruneTwoOfFour(asBf16(weights))) },
} as const;

/** bf16 after an update of `noise` × σ of the layer for all weights, or for one in `oneIn`, relative to the weight. */
export function tune(weights: Weights, base: Uint16Array, update: (value: number, sigma: number, random: Random) => number, seed: number): Uint16Array {
  const random = randomFrom(seed);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  return base.map((element, i) => {
    bits[0] = element << 16;
    return bf16Bits(update(value[0] as number, sigmaAt(weights, i), random));
  });
}
