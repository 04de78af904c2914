/**
 * Consistent hashing (Karger et al., Consistent hashing and random trees, STOC 1997): each node has points on a ring, in proportion to its
 * weight, and a key belongs to the nodes whose points come next behind it. Where a node's points lie depends on its name and weight
 * alone: when a node goes only its keys move, and when one comes only to it.
 */
import { blake3 } from "../../bytes/digests/index.ts";

export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/** Of a node of weight 1. The share of a node strays from what it should be by 1/√points: 1.6 %. */
const pointsPerWeight = 4096;
const pointsPerDigest = 8;

export class Ring {
  readonly #nodes: number;
  /** Sorted; beside each the node that it is of. */
  readonly #points: Uint32Array;
  readonly #owners: Uint16Array;

  constructor(nodes: readonly Weighted[]) {
    this.#nodes = nodes.length;
    const all = nodes.flatMap((node, owner) => pointsOf(node).map((point) => ({ point, owner })));
    all.sort((a, b) => a.point - b.point || a.owner - b.owner);
    this.#points = Uint32Array.from(all, ({ point }) => point);
    this.#owners = Uint16Array.from(all, ({ owner }) => owner);
  }

  /** Indexes of the `count` nodes that a key belongs to, all different, the first first; fewer where there are not so many. */
  owners(key: string, count: number): number[] {
    const found: number[] = [];
    const wanted = Math.min(count, this.#nodes);
    const start = this.#behind(blake3(Buffer.from(key)).subarray(0, 4));
    for (let step = 0; found.length < wanted && step < this.#points.length; step++) {
      const owner = this.#owners[(start + step) % this.#points.length] as number;
      if (!found.includes(owner)) found.push(owner);
    }
    return found;
  }

  /** The first point at or behind a place. */
  #behind(place: Uint8Array): number {
    const wanted = Buffer.from(place).readUInt32BE();
    let [low, high] = [0, this.#points.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function pointsOf({ name, weight }: Weighted): number[] {
  const count = Math.max(1, Math.round(weight * pointsPerWeight));
  const points: number[] = [];
  for (let part = 0; points.length < count; part++) {
    const digest = Buffer.from(blake3(Buffer.from(`${name}#${part}`)));
    for (let at = 0; at < pointsPerDigest && points.length < count; at++) points.push(digest.readUInt32BE(at * 4));
  }
  return points;
}
