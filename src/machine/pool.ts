/**
 * The data workers: threads that do all work on chunk bytes, so that the event loop never does. Jobs go to the worker
 * with the least bytes outstanding, or to the worker a job is bound to (a running SHA-256 lives in one thread).
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ErrorCode, fault, HoldfastError } from "../core/errors.ts";
import type { Arena } from "./arena.ts";
import type { AnswerOf, Job } from "./jobs.ts";
import { deskOffset } from "./memory-map.ts";
import type { SpentMs, Stage } from "./stopwatch.ts";

/** How a failure crosses threads: a typed fault by its code, an operating system error by its errno. */
interface Failure {
  readonly message: string;
  readonly fault?: ErrorCode;
  readonly advice?: string;
  readonly errno?: string;
  readonly syscall?: string;
  readonly path?: string;
  readonly stack?: string;
}

export interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly failure?: Failure | undefined;
  readonly spentMs: SpentMs;
}

/** What the workers have done so far. */
export interface PoolMeasures {
  readonly workers: number;
  /** Jobs that came to an end, by kind. */
  readonly jobs: Readonly<Partial<Record<Job["kind"], number>>>;
  /** Of all workers together. What is not here of `workers` times the wall clock they were idle. */
  readonly busyMs: Readonly<SpentMs>;
}

interface Pending {
  readonly kind: Job["kind"];
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

interface Seat {
  /** Undefined until the seat has its first job. */
  worker: Worker | undefined;
  readonly pending: Map<number, Pending>;
  dead: Error | undefined;
}

/** One more than there are cores: while one waits for the disk, the others keep the cores busy. */
export function defaultWorkerCount(): number {
  return Math.max(2, Math.min(16, availableParallelism() + 1));
}

export class DataPool implements AsyncDisposable {
  readonly size: number;
  readonly #arena: Arena;
  readonly #seats: Seat[];
  readonly #jobs: Partial<Record<Job["kind"], number>> = {};
  readonly #busyMs: SpentMs = {};
  #nextId = 1;
  #turn = 0;

  constructor(arena: Arena, size: number) {
    this.size = size;
    this.#arena = arena;
    this.#seats = Array.from({ length: size }, () => ({ worker: undefined, pending: new Map(), dead: undefined }));
  }

  /** Runs a job; `bound` names the worker that must do it. Jobs of one worker run in the order in which they were given. */
  run<J extends Job>(job: J, bound?: number): Promise<AnswerOf<J>> {
    const seat = bound === undefined ? this.#leastBusy() : (this.#seats[bound % this.size] as Seat);
    if (seat.dead) return Promise.reject(seat.dead);
    const worker = (seat.worker ??= this.#start(seat));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      seat.pending.set(id, { kind: job.kind, resolve, reject });
      if (seat.pending.size === 1) worker.ref();
      worker.postMessage({ id, job });
    });
  }

  measures(): PoolMeasures {
    return { workers: this.size, jobs: { ...this.#jobs }, busyMs: { ...this.#busyMs } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.worker?.terminate()));
  }

  /** Among equals the one that runs already: a few small jobs one after the other start one thread. */
  #leastBusy(): Seat {
    let best: Seat | undefined;
    for (let step = 0; step < this.size; step++) {
      const seat = this.#seats[(this.#turn + step) % this.size] as Seat;
      if (!best || loadOf(seat) < loadOf(best)) best = seat;
    }
    this.#turn++;
    return best as Seat;
  }

  #start(seat: Seat): Worker {
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
    const worker = new Worker(entry, { workerData: { memory: this.#arena.memory, offset: deskOffset(this.#seats.indexOf(seat)) } });
    worker.unref();
    worker.on("message", (reply: Reply) => {
      this.#count(seat, reply);
      settle(seat, reply);
    });
    worker.on("error", (error) => fail(seat, fault("WORKER_DIED", `a data worker failed: ${String(error)}`, { cause: error })));
    worker.on("exit", (code) => fail(seat, fault("WORKER_DIED", `a data worker ended with code ${code}`)));
    return worker;
  }

  #count(seat: Seat, { id, spentMs }: Reply): void {
    const kind = seat.pending.get(id)?.kind;
    if (kind) this.#jobs[kind] = (this.#jobs[kind] ?? 0) + 1;
    for (const [stage, ms] of Object.entries(spentMs) as [Stage, number][]) this.#busyMs[stage] = (this.#busyMs[stage] ?? 0) + ms;
  }
}

function loadOf({ pending, worker }: Seat): number {
  return pending.size + (worker ? 0 : 0.5);
}

function settle(seat: Seat, reply: Reply): void {
  const pending = seat.pending.get(reply.id);
  seat.pending.delete(reply.id);
  if (seat.pending.size === 0) seat.worker?.unref();
  if (!pending) return;
  if (reply.failure) pending.reject(revive(reply.failure));
  else pending.resolve(reply.answer as never);
}

function revive(failure: Failure): Error {
  if (failure.fault) return new HoldfastError(failure.fault, failure.message, failure.advice ? { advice: failure.advice } : {});
  const { errno, message, ...rest } = failure;
  return Object.assign(new Error(message), rest, errno ? { code: errno } : {});
}

function fail(seat: Seat, error: Error): void {
  seat.dead = error;
  for (const pending of seat.pending.values()) pending.reject(error);
  seat.pending.clear();
}
