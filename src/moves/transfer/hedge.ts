/**
 * A read of which a second replica is asked when the first takes longer than reads do there (Dean and Barroso, "The Tail at Scale", 2013). The
 * first good answer wins and the other is called back. The second reads into memory of its own, and what it has read goes to its
 * place only when the first has ended: one that cannot be called back may still write there.
 */
import { fault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { World } from "../../core/world/index.ts";
import type { Arena, Lease } from "../../machine/arena.ts";
import type { CopyOutJob } from "../../machine/jobs.ts";
import type { DataPool } from "../../machine/pool.ts";
import { requireSpan } from "../../machine/span.ts";
import { type HedgeBudget, lateWork, type Scatter } from "../../places/volumes/index.ts";

/** Fills the views from one replica; throws where it could not, and also when it ended early. */
export type ReadFrom = (name: VolumeName, into: Scatter, signal: AbortSignal) => Promise<void>;

export interface Hedge {
  readonly name: VolumeName;
  /** Asked when the first has not answered after so long. */
  readonly afterMs: number;
}

export interface HedgedRead {
  readonly first: VolumeName;
  readonly second: Hedge;
  readonly bytes: number;
  readonly into: Scatter;
  readonly read: ReadFrom;
  readonly signal: AbortSignal;
}

export interface HedgeMeans {
  readonly world: World;
  readonly arena: Pick<Arena, "lendNow">;
  readonly pool: Pick<DataPool, "run">;
  readonly budget: HedgeBudget;
}

/** How reading ended at one replica. */
export interface Ending {
  readonly name: VolumeName;
  /** Undefined where it gave the bytes. */
  readonly error: unknown;
}

export interface HedgedAnswer {
  /** What filled the views; its error where none did. */
  readonly by: Ending;
  /** How it ended at the other, where that says anything. */
  readonly other: Ending | undefined;
  /** Bytes that the second was asked for. */
  readonly hedgedBytes: number;
}

/** Resolves when nothing writes into the views any more. Never rejects for what happened at a volume: that is in the answer. */
export async function readHedged(means: HedgeMeans, wish: HedgedRead): Promise<HedgedAnswer> {
  const { first, second, bytes, into, read, signal } = wish;
  const one = new Attempt(first, (inner) => read(first, into, inner), signal);
  const lease = (await endsWithin(means.world, one.ended, second.afterMs)) ? undefined : roomFor(means, bytes);
  if (!lease) return { by: await one.ended, other: undefined, hedgedBytes: 0 };
  const two = new Attempt(second.name, (inner) => read(second.name, [lease.bytes], inner), signal);
  const winner = await firstGood(one, two);
  const answer = winner === two ? await takeSecond(means, wish, one, two, lease) : await takeFirst(one, two, lease);
  return { ...answer, hedgedBytes: bytes };
}

/** Memory is not waited for: what waits for it may be holding some already. */
function roomFor({ arena, budget }: HedgeMeans, bytes: number): Lease | undefined {
  const lease = arena.lendNow(bytes);
  if (!lease || budget.take(bytes)) return lease;
  lease[Symbol.dispose]();
  return undefined;
}

async function endsWithin(world: World, ended: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = world.sleep(ms, over.signal).then(
    () => false,
    () => true,
  );
  const within = await Promise.race([ended.then(() => true), late]);
  over.abort();
  return within;
}

class Attempt {
  readonly ended: Promise<Ending>;
  ending: Ending | undefined;
  readonly #stop = new AbortController();

  constructor(name: VolumeName, read: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) {
    this.ended = this.#run(name, read, signal);
  }

  callBack(): void {
    this.#stop.abort(fault("CANCELLED", "another replica has answered"));
  }

  async #run(name: VolumeName, read: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<Ending> {
    const forward = (): void => this.#stop.abort(signal.reason);
    signal.addEventListener("abort", forward, { once: true });
    if (signal.aborted) forward();
    this.ending = await endingOf(name, () => read(this.#stop.signal));
    signal.removeEventListener("abort", forward);
    return this.ending;
  }
}

/** How a read ended, when nothing goes on behind it any more. Never rejects. */
export async function endingOf(name: VolumeName, read: () => Promise<void>): Promise<Ending> {
  try {
    await read();
    return { name, error: undefined };
  } catch (error) {
    await lateWork(error); // an attempt that ran out of time may still be filling the views
    return { name, error };
  }
}

/** Undefined where both failed. */
async function firstGood(one: Attempt, two: Attempt): Promise<Attempt | undefined> {
  const sooner = await Promise.race([one, two].map((attempt) => attempt.ended.then(() => attempt)));
  if (sooner.ending?.error === undefined) return sooner;
  const later = sooner === one ? two : one;
  return (await later.ended).error === undefined ? later : undefined;
}

type Answer = Omit<HedgedAnswer, "hedgedBytes">;

/** Also where both failed. The second is not waited for; its memory is free when it has ended. */
async function takeFirst(one: Attempt, two: Attempt, lease: Lease): Promise<Answer> {
  const other = two.ending;
  two.callBack();
  void two.ended.then(() => lease[Symbol.dispose]());
  return { by: await one.ended, other };
}

async function takeSecond({ pool }: HedgeMeans, { into }: HedgedRead, one: Attempt, two: Attempt, lease: Lease): Promise<Answer> {
  using from = lease;
  const failed = one.ending;
  one.callBack();
  const last = await one.ended;
  if (last.error === undefined) return { by: last, other: undefined }; // it got through after all
  await pool.run({ kind: "copy-out", chunks: piecesOf(from.bytes, into) });
  return { by: await two.ended, other: failed };
}

function piecesOf(bytes: Uint8Array, into: Scatter): CopyOutJob["chunks"] {
  let at = 0;
  return into.map((view) => {
    const from = requireSpan(bytes.subarray(at, at + view.byteLength));
    at += view.byteLength;
    return { from, copies: undefined, to: requireSpan(view), sum: false };
  });
}
