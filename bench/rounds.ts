/** Sides that do the same with the same bytes, in turns: A B C A B C … What disturbs the machine for a while disturbs all of them. */
import type { Costs } from "./costs.ts";
import type { Profiler } from "./profile.ts";
import { quiet } from "./quiet.ts";

export interface Side {
  readonly name: string;
  readonly bytes: number;
  /** Makes everything ready; not timed. */
  readonly before?: () => Promise<void>;
  /** What is timed, unless it answers with the seconds by its own clock. */
  readonly run: () => Promise<number | undefined>;
  /** Removes what was made; not timed. */
  readonly after?: () => Promise<void>;
  /** Where its time goes, if that is known. */
  readonly profiler?: Profiler;
  /** What it takes besides time, if that is known. */
  readonly costs?: Costs;
}

export interface Timed {
  readonly name: string;
  readonly bytes: number;
  /** Of each round. */
  readonly seconds: readonly number[];
  /** Share of the processors that others had just before each round. */
  readonly others: readonly number[];
}

/** Round 0 warms up and is not counted. */
export async function alternate(sides: readonly Side[], rounds: number, patienceMs: number): Promise<Timed[]> {
  const timed = sides.map(({ name, bytes }) => ({ name, bytes, seconds: [] as number[], others: [] as number[] }));
  for (let round = 0; round <= rounds; round++)
    for (const [index, side] of sides.entries()) {
      const { seconds, others } = await once(side, patienceMs);
      console.error(`${round === 0 ? "warm-up" : `round ${round}`}: ${side.name} ${seconds.toFixed(2)} s (others ${(100 * others).toFixed(0)} %)`);
      if (round === 0) continue;
      timed[index]?.seconds.push(seconds);
      timed[index]?.others.push(others);
    }
  return timed;
}

async function once(side: Side, patienceMs: number): Promise<{ seconds: number; others: number }> {
  const others = await quiet(patienceMs);
  try {
    await side.before?.();
    const start = performance.now();
    const own = await side.run();
    return { seconds: own ?? (performance.now() - start) / 1000, others };
  } finally {
    await side.after?.();
  }
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  return { median: median as number, min: sorted[0] as number, max: sorted.at(-1) as number };
}

/** 10^9 bytes a second. */
export function rateOf({ bytes, seconds }: Timed): Spread {
  return spreadOf(seconds.map((each) => bytes / 1e9 / each));
}

/** How many times as fast as the peer, round by round: rounds that were disturbed are disturbed for both. */
export function timesOf(ours: Timed, peer: Timed): Spread {
  return spreadOf(ours.seconds.map((each, round) => ours.bytes / each / (peer.bytes / (peer.seconds[round] as number))));
}
