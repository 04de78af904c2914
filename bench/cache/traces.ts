/** What a cache is asked for, drawn from a seed: loads of whole models, chunk after chunk, as three kinds of life bring them. */
import { KiB } from "../../src/core/units.ts";
import type { CacheKey } from "../../src/places/cache/key.ts";

export interface Asked {
  readonly key: CacheKey;
  readonly bytes: number;
}

export interface Trace {
  readonly name: string;
  /** What happens in it, for the table. */
  readonly says: string;
  readonly asked: readonly Asked[];
}

/** Lehmer's generator: the same draws on every machine. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state - 1) / 2147483646;
  };
}

type Model = readonly Asked[];

const chunkBytesMin = 400 * KiB;
const chunkBytesMore = 624 * KiB;

function chunk(name: string, random: () => number): Asked {
  return { key: `bench/${name}` as CacheKey, bytes: Math.round(chunkBytesMin + random() * chunkBytesMore) };
}

/** Models of 20 to 120 chunks. */
function models(count: number, random: () => number): Model[] {
  return Array.from({ length: count }, (_, model) => Array.from({ length: 20 + Math.floor(random() * 100) }, (_, at) => chunk(`${model}.${at}`, random)));
}

/** The index of a draw in which the n-th is 1/n as likely as the first. */
function zipf(count: number, random: () => number): () => number {
  const shares = Array.from({ length: count }, (_, index) => 1 / (index + 1));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return () => {
    let left = random() * total;
    return Math.max(
      0,
      shares.findIndex((share) => (left -= share) < 0),
    );
  };
}

function zipfModels(): Trace {
  const random = chance(11);
  const all = models(40, random);
  const draw = zipf(all.length, random);
  const asked = Array.from({ length: 600 }, () => all[draw()] as Model).flat();
  return { name: "Zipf models", says: "600 loads of 40 models, the n-th 1/n as often as the first", asked };
}

function scan(): Trace {
  const random = chance(12);
  const all = models(40, random);
  const draw = zipf(10, random);
  const loads = Array.from({ length: 500 }, (_, at): Model[] => (at % 100 === 99 ? all : [all[draw()] as Model])).flat();
  return { name: "scan", says: "10 of 40 models are loaded; after each 100 loads a job reads all 40 once", asked: loads.flat() };
}

/** Each model gets a new version of which three in ten chunks are new; loads go over to it bit by bit. */
function rollingRelease(): Trace {
  const random = chance(13);
  const now = models(12, random);
  const before = [...now];
  const draw = zipf(now.length, random);
  const asked: Asked[] = [];
  for (let load = 0; load < 700; load++) {
    const at = draw();
    if (load % 10 === 0) {
      const released = Math.floor((load / 10) % now.length);
      before[released] = now[released] as Model;
      now[released] = (now[released] as Model).map((old, index) => (random() < 0.3 ? chunk(`${released}.${index}.${load}`, random) : old));
    }
    asked.push(...((random() < 0.7 ? now[at] : before[at]) as Model));
  }
  return { name: "rolling release", says: "12 models; every 10 loads one gets a version with 30 % new chunks, which 7 of 10 loads want", asked };
}

export function traces(): readonly Trace[] {
  return [zipfModels(), scan(), rollingRelease()];
}
