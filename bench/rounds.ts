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
  /** Brings what was made to the disk where `run` leaves that to the system: a second figure, both together. */
  readonly sync?: () => void;
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
  const kept = sides.map((): Once[] => []);
  for (let round = 0; round <= rounds; round++)
    for (const [index, side] of sides.entries()) {
      const done = await once(side, patienceMs);
      const sync = done.syncSeconds === undefined ? "" : ` and ${done.syncSeconds.toFixed(2)} s to sync`;
      const others = `others ${(100 * done.others).toFixed(0)} %`;
      console.error(`${round === 0 ? "warm-up" : `round ${round}`}: ${side.name} ${done.seconds.toFixed(2)} s${sync} (${others})`);
      if (round > 0) kept[index]?.push(done);
    }
  return sides.flatMap((side, index) => timedOf(side, kept[index] as Once[]));
}

interface Once {
  readonly seconds: number;
  readonly syncSeconds: number | undefined;
  readonly others: number;
}

async function once(side: Side, patienceMs: number): Promise<Once> {
  const others = await quiet(patienceMs);
  try {
    await side.before?.();
    const start = performance.now();
    const own = await side.run();
    const end = performance.now();
    side.sync?.();
    return { seconds: own ?? (end - start) / 1000, syncSeconds: side.sync && (performance.now() - end) / 1000, others };
  } finally {
    await side.after?.();
  }
}

function timedOf({ name, bytes, sync }: Side, rounds: readonly Once[]): Timed[] {
  const others = rounds.map((each) => each.others);
  const plain = { name, bytes, seconds: rounds.map(({ seconds }) => seconds), others };
  if (!sync) return [plain];
  return [plain, { name: synced(name), bytes, seconds: rounds.map(({ seconds, syncSeconds = 0 }) => seconds + syncSeconds), others }];
}

/** Of a side with `sync`, both together. */
export const synced = (name: string): string => `${name} + sync`;

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
