/**
 * The data workers: threads that do all work on chunk bytes, so that the event loop never does. Jobs wait in one queue for the next
 * worker that is free, so that none waits behind a disk that takes long; only a job that is bound to a worker (a running SHA-256
 * lives in one thread) waits for that one.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ErrorCode, fault, HoldfastError } from "../core/errors.ts";
import type { Arena } from "./arena.ts";
import { JobQueue } from "./job-queue.ts";
import { type AnswerOf, type Job, noMoreJobs } from "./jobs.ts";
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

interface Task {
  readonly job: Job;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

interface Seat {
  /** Undefined until the seat has its first job. */
  worker: Worker | undefined;
  /** What the worker does now. */
  task: Task | undefined;
  /** What only this worker can do. */
  readonly bound: Task[];
  /** Why it takes no more jobs. */
  dead: Error | undefined;
  /** Resolves when its thread is gone. */
  gone: Promise<void> | undefined;
}

/**
 * Three more than there are cores where shards lie on disks: while some wait for the disk, which a push both writes and reads back, the others
 * keep the cores busy. One more where they come over a network, which the event loop waits for.
 */
export function defaultWorkerCount(onDisks: boolean): number {
  return Math.min(16, availableParallelism() + (onDisks ? 3 : 1));
}

export class DataPool implements AsyncDisposable {
  readonly size: number;
  readonly #arena: Arena;
  readonly #seats: readonly Seat[];
  readonly #waiting = new JobQueue<Task>();
  readonly #jobs: Partial<Record<Job["kind"], number>> = {};
  readonly #busyMs: SpentMs = {};

  constructor(arena: Arena, size: number) {
    this.size = size;
    this.#arena = arena;
    this.#seats = Array.from({ length: size }, () => ({ worker: undefined, task: undefined, bound: [], dead: undefined, gone: undefined }));
  }

  /** Runs a job; `bound` names the worker that must do it, and does those bound to it in the order in which they were given. */
  run<J extends Job>(job: J, bound?: number): Promise<AnswerOf<J>> {
    return new Promise((resolve, reject) => {
      const task: Task = { job, resolve, reject };
      if (bound === undefined) this.#waiting.add(job.kind, task);
      else (this.#seats[bound % this.size] as Seat).bound.push(task);
      this.#serve();
    });
  }

  measures(): PoolMeasures {
    return { workers: this.size, jobs: { ...this.#jobs }, busyMs: { ...this.#busyMs } };
  }

  /** Jobs that have begun come to their end, those that wait are refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const seat of this.#seats) seat.dead ??= fault("CANCELLED", "the data workers were closed");
    this.#refuseWhereDead();
    await Promise.all(this.#seats.map((seat) => this.#dismiss(seat)));
  }

  /** A worker ends by itself: one that is stopped from outside may be in the middle of a native call. */
  async #dismiss({ worker, gone }: Seat): Promise<void> {
    worker?.ref();
    worker?.postMessage(noMoreJobs);
    await gone;
  }

  /** Threads that run already come first: a few small jobs one after the other start one. */
  #serve(): void {
    this.#refuseWhereDead();
    const free = this.#seats.filter((seat) => !seat.task && !seat.dead);
    for (const seat of [...free.filter(({ worker }) => worker), ...free.filter(({ worker }) => !worker)]) {
      const task = seat.bound.shift() ?? this.#waiting.next();
      if (task) this.#give(seat, task);
    }
  }

  #give(seat: Seat, task: Task): void {
    const worker = (seat.worker ??= this.#start(seat));
    seat.task = task;
    worker.ref();
    try {
      worker.postMessage(task.job);
    } catch (error) {
      this.#end(seat);
      task.reject(error as Error);
    }
  }

  #end(seat: Seat): void {
    seat.task = undefined;
    if (!seat.dead) seat.worker?.unref(); // one that is to end keeps the process until it has
  }

  #refuseWhereDead(): void {
    for (const { dead, bound } of this.#seats) if (dead) for (const task of bound.splice(0)) task.reject(dead);
    const [first] = this.#seats;
    if (!first?.dead || !this.#seats.every(({ dead }) => dead)) return;
    for (let task = this.#waiting.next(); task; task = this.#waiting.next()) task.reject(first.dead);
  }

  #start(seat: Seat): Worker {
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
    const worker = new Worker(entry, { workerData: { memory: this.#arena.memory, offset: deskOffset(this.#seats.indexOf(seat)) } });
    worker.unref();
    worker.on("message", (reply: Reply) => this.#settle(seat, reply));
    worker.on("error", (error) => this.#fail(seat, fault("WORKER_DIED", `a data worker failed: ${String(error)}`, { cause: error })));
    worker.on("exit", (code) => this.#fail(seat, fault("WORKER_DIED", `a data worker ended with code ${code}`)));
    seat.gone = new Promise((resolve) => worker.once("exit", () => resolve()));
    return worker;
  }

  /** The next job is on its way before anyone looks at the answer. */
  #settle(seat: Seat, reply: Reply): void {
    const { task } = seat;
    if (!task) return;
    this.#end(seat);
    this.#count(task.job.kind, reply.spentMs);
    this.#serve();
    if (reply.failure) task.reject(revive(reply.failure));
    else task.resolve(reply.answer as never);
  }

  #count(kind: Job["kind"], spentMs: SpentMs): void {
    this.#jobs[kind] = (this.#jobs[kind] ?? 0) + 1;
    for (const [stage, ms] of Object.entries(spentMs) as [Stage, number][]) this.#busyMs[stage] = (this.#busyMs[stage] ?? 0) + ms;
  }

  #fail(seat: Seat, error: Error): void {
    seat.dead ??= error;
    seat.task?.reject(error);
    seat.task = undefined;
    this.#serve();
  }
}

function revive(failure: Failure): Error {
  if (failure.fault) return new HoldfastError(failure.fault, failure.message, failure.advice ? { advice: failure.advice } : {});
  const { errno, message, ...rest } = failure;
  return Object.assign(new Error(message), rest, errno ? { code: errno } : {});
}
