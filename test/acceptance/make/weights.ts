/**
 * Weights with the statistics of trained ones as fast as a disk takes them: rows are cut at random places from a pool of gaussian
 * bf16 values, which holds every scale that a layer may have. So the bytes have the entropy of real weights, no chunk is twice there
 * by chance, and memory is the pool alone, however large the model.
 */
import { normal, type Random, randomFrom } from "../../../src/bytes/kernels/specimens.ts";

const scales = 24;
/** Of a layer: σ between these, on a logarithmic scale. A row has a scale of its own around it. */
const [sigmaMin, sigmaMax] = [0.008, 0.04];
const rowSpread = 0.25;

export class WeightPool {
  readonly #pool: Uint16Array;
  readonly #perScale: number;

  /** `weights`: how many values the pool has; two bytes each. */
  constructor(weights = 3 << 20) {
    const random = randomFrom(11);
    this.#perScale = Math.floor(weights / scales);
    this.#pool = new Uint16Array(this.#perScale * scales);
    for (let scale = 0; scale < scales; scale++) drawBf16(this.#pool.subarray(scale * this.#perScale, (scale + 1) * this.#perScale), sigmaOf(scale), random);
  }

  /** Fills whole rows of a layer. */
  fill(into: Uint16Array, rowWeights: number, layerScale: number, random: Random): void {
    for (let at = 0; at < into.length; at += rowWeights) this.#row(into.subarray(at, at + rowWeights), layerScale, random);
  }

  /** A row longer than a scale of the pool is put together from several pieces. */
  #row(row: Uint16Array, layerScale: number, random: Random): void {
    const spread = (rowSpread * normal(random) * scales) / Math.log(sigmaMax / sigmaMin);
    const scale = Math.max(0, Math.min(scales - 1, Math.round(layerScale * (scales - 1) + spread)));
    const pieceMax = this.#perScale >> 1;
    for (let at = 0; at < row.length; at += pieceMax) {
      const piece = row.subarray(at, at + pieceMax);
      const from = scale * this.#perScale + Math.floor(random() * (this.#perScale - piece.length));
      piece.set(this.#pool.subarray(from, from + piece.length));
    }
  }
}

/** Plain loops: ten times as fast as a callback for each value. */
function drawBf16(into: Uint16Array, sigma: number, random: Random): void {
  const value = new Float32Array(1);
  const bits = new Uint32Array(value.buffer);
  for (let at = 0; at < into.length; at++) {
    value[0] = normal(random) * sigma;
    const wide = bits[0] as number;
    into[at] = (wide + 0x7fff + ((wide >>> 16) & 1)) >>> 16;
  }
}

function sigmaOf(scale: number): number {
  return sigmaMin * (sigmaMax / sigmaMin) ** (scale / (scales - 1));
}

export const bytesOfWeights = (weights: Uint16Array): Uint8Array => new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
