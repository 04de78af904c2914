/**
 * Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights after Schindelhauer and Schomaker 2005): every pair of key
 * and volume has a score, and a key goes where its scores are highest. So a volume that comes or goes moves only what
 * it wins or held, and a volume wins in proportion to its weight.
 */
import { blake3 } from "../../bytes/digests/index.ts";
import { takesObjects, type VolumeFacts } from "./facts.ts";

export interface Ranked {
  readonly volume: VolumeFacts;
  readonly score: number;
}

type Seed = readonly [number, number];

/** Ranks keys over one set of volumes, hashing each name once. Volumes that take no objects are left out. */
export function ranking(volumes: readonly VolumeFacts[]): (key: string) => Ranked[] {
  const seeded = volumes.filter(takesObjects).map((volume) => ({ volume, seed: seedOf(volume.name) }));
  return (key) => {
    const keySeed = seedOf(key);
    return seeded.map(({ volume, seed }) => ({ volume, score: volume.weight / -Math.log(uniform(keySeed, seed)) })).sort(higherFirst);
  };
}

function higherFirst(a: Ranked, b: Ranked): number {
  return b.score - a.score || (a.volume.name < b.volume.name ? -1 : 1);
}

function seedOf(text: string): Seed {
  const digest = Buffer.from(blake3(Buffer.from(text)));
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

/** In (0, 1), from 53 bits. */
function uniform(key: Seed, volume: Seed): number {
  const high = mix(key[0] ^ mix(volume[0]));
  const low = mix(key[1] ^ mix(volume[1] ^ high));
  return (high * 2 ** 21 + (low >>> 11) + 0.5) / 2 ** 53;
}

/** The finalizer of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
