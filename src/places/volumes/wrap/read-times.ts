/**
 * How long reads of a volume take now, and how much is being read from it: what replicas are chosen by, and how long a read is
 * waited for before another replica is asked. Kept for four sizes of reads, since a large one takes longer everywhere.
 */
import { isFault } from "../../../core/errors.ts";
import { KiB, MiB } from "../../../core/units.ts";
import type { World } from "../../../core/world/index.ts";

/** The last class has all that is larger. */
const classBytesMax = [64 * KiB, 512 * KiB, 4 * MiB] as const;

/** Of a moving average a read has this share when it comes soon after the last. */
const newestShareMin = 0.3;
const recentMax = 128;
/** The 95th percentile of fewer says nothing. */
const recentMin = 20;

/** A read that was called back would have taken longer; nobody knows how much, so it counts as twice what it had taken. */
const calledBackFactor = 2;
/** A place that fails quickly is not a quick one. */
const failureMs = 1000;

/** With so many bytes in flight a volume is taken to be twice as slow as with none. */
const busyBytes = 4 * MiB;
/** What was slow is believed to be so for some times this long; then it is tried again. */
const forgetMs = 10_000;
/** Of a volume that was never read. */
const unknownMs = 1;

class ClassTimes {
  averageMs: number | undefined;
  newestAtMs = 0;
  readonly #recentMs: number[] = [];
  #next = 0;
  #p95Ms: number | undefined;

  /** The longer nothing was read, the more a read says. */
  add(ms: number, atMs: number): void {
    const newestShare = 1 - (1 - newestShareMin) * Math.exp((this.newestAtMs - atMs) / forgetMs);
    this.averageMs = this.averageMs === undefined ? ms : this.averageMs + newestShare * (ms - this.averageMs);
    this.newestAtMs = atMs;
    this.#recentMs[this.#next] = ms;
    this.#next = (this.#next + 1) % recentMax;
    this.#p95Ms = undefined;
  }

  get p95Ms(): number | undefined {
    if (this.#recentMs.length < recentMin) return undefined;
    this.#p95Ms ??= this.#recentMs.toSorted((a, b) => a - b)[Math.ceil(this.#recentMs.length * 0.95) - 1];
    return this.#p95Ms;
  }
}

export class ReadTimes {
  readonly #world: Pick<World, "ticks">;
  readonly #classes = [...classBytesMax, Number.POSITIVE_INFINITY].map(() => new ClassTimes());
  #bytesInFlight = 0;

  constructor(world: Pick<World, "ticks">) {
    this.#world = world;
  }

  /** Runs a read of so many bytes and notes how long it took. */
  async timed(bytes: number, read: () => Promise<number>): Promise<number> {
    const startMs = this.#world.ticks();
    this.#bytesInFlight += bytes;
    try {
      const answer = await read();
      this.#note(bytes, this.#world.ticks() - startMs);
      return answer;
    } catch (error) {
      this.#noteFailure(bytes, this.#world.ticks() - startMs, error);
      throw error;
    } finally {
      this.#bytesInFlight -= bytes;
    }
  }

  /** How long a read of so many bytes should take, in milliseconds, with what is in flight already. */
  expectedMs(bytes: number): number {
    return (this.#known(bytes)?.averageMs ?? unknownMs) * (1 + this.#bytesInFlight / busyBytes);
  }

  /** The same, but what is long past is forgiven, so that a volume that was slow is not shunned for ever. */
  forgivingMs(bytes: number): number {
    const known = this.#known(bytes);
    const ageMs = known ? this.#world.ticks() - known.newestAtMs : 0;
    return this.expectedMs(bytes) * Math.exp(-ageMs / forgetMs);
  }

  /** Nineteen of twenty recent reads of about this size took no longer. Undefined while there are too few. */
  p95Ms(bytes: number): number | undefined {
    return this.#classOf(bytes).p95Ms;
  }

  #note(bytes: number, ms: number): void {
    this.#classOf(bytes).add(ms, this.#world.ticks());
  }

  /** A read that was called back confirms at least what was believed. */
  #noteFailure(bytes: number, ms: number, error: unknown): void {
    if (isFault(error, "VOLUME_UNREACHABLE")) this.#note(bytes, Math.max(ms, failureMs));
    else if (isFault(error, "CANCELLED")) this.#note(bytes, Math.max(ms * calledBackFactor, this.#classOf(bytes).averageMs ?? 0));
  }

  #classOf(bytes: number): ClassTimes {
    return this.#classes[classIndex(bytes)] as ClassTimes;
  }

  /** Where nothing of this size was read, the nearest size says more than nothing. */
  #known(bytes: number): ClassTimes | undefined {
    const own = classIndex(bytes);
    const nearestFirst = [...this.#classes.keys()].sort((a, b) => Math.abs(a - own) - Math.abs(b - own));
    return nearestFirst.map((index) => this.#classes[index] as ClassTimes).find((one) => one.averageMs !== undefined);
  }
}

function classIndex(bytes: number): number {
  const index = classBytesMax.findIndex((max) => bytes <= max);
  return index === -1 ? classBytesMax.length : index;
}
