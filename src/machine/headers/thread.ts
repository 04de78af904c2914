/**
 * One thread that parses headers within bounds of time and memory. It does one file at a time; a file that exceeds the
 * bounds ends the thread, and the owner starts another. So no file can hold up more than itself.
 */
import { Worker } from "node:worker_threads";
import type { Layout } from "../../bytes/formats/index.ts";
import { fault, HoldfastError } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import type { World } from "../../core/world/index.ts";
import { LayoutBuilder } from "./batches.ts";
import type { HeaderJob, HeaderReply, HeaderRequest } from "./messages.ts";

export interface HeaderBounds {
  /** Processor time for one file. By the clock it may take `patienceFactor` times as long, where others use the processors. */
  readonly deadlineMs: number;
  /** JavaScript heap of the thread. The bytes of the header itself come on top (`limits.headerBytesMax`). */
  readonly heapBytesMax: number;
}

const advice = "Keep it as it is: without --strict it is stored as opaque bytes.";

const patienceFactor = 4;
const pauseMsMin = 20;

export class HeaderThread implements AsyncDisposable {
  readonly #world: World;
  readonly #bounds: HeaderBounds;
  readonly #worker: Worker;
  readonly #ready: Promise<HeaderReply>;
  #settle: { resolve: (reply: HeaderReply) => void; reject: (error: unknown) => void } | undefined;
  #ended: Error | undefined;

  constructor(world: World, bounds: HeaderBounds) {
    this.#world = world;
    this.#bounds = bounds;
    this.#worker = startWorker(bounds.heapBytesMax);
    this.#worker.on("message", (reply: HeaderReply) => this.#settle?.resolve(reply));
    this.#worker.on("error", (error: NodeJS.ErrnoException) => this.#end(this.#deathOf(error)));
    this.#worker.on("exit", (code) => this.#end(fault("WORKER_DIED", `the header thread ended with code ${code}`)));
    this.#ready = this.#reply();
    this.#ready.catch(() => {});
  }

  /** Whether it can parse no more. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** The owner waits for one file before it gives the next. Errors: FORMAT_INVALID, FORMAT_UNSUPPORTED, CANCELLED, and those of the file. */
  async parse(job: HeaderJob, signal: AbortSignal): Promise<Layout> {
    this.#worker.ref();
    const cancel = (): void => this.#end(fault("CANCELLED", `cancelled while reading ${job.path}`, { cause: signal.reason }));
    signal.addEventListener("abort", cancel, { once: true });
    try {
      await this.#ready;
      return await this.#withinDeadline(job);
    } finally {
      signal.removeEventListener("abort", cancel);
      if (!this.#ended) this.#worker.unref(); // one that is to end keeps the process until it has
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(fault("CANCELLED", "the header reader was closed"));
    await this.#worker.terminate();
  }

  async #withinDeadline(job: HeaderJob): Promise<Layout> {
    const done = new AbortController();
    const late = (): void => this.#end(fault("FORMAT_INVALID", `${job.path} took longer than ${this.#bounds.deadlineMs} ms to read`, { advice }));
    this.#processorTimeIsUp(done.signal).then(late, () => {});
    this.#world.sleep(this.#bounds.deadlineMs * patienceFactor, done.signal).then(late, () => {});
    try {
      return await this.#converse(job);
    } finally {
      done.abort();
    }
  }

  /** A machine that is busy with other things must not make a good file look bad. Rejects when the file is done, or the thread is. */
  async #processorTimeIsUp(done: AbortSignal): Promise<void> {
    const before = await this.#worker.cpuUsage();
    for (let leftMs = this.#bounds.deadlineMs; leftMs > 0; ) {
      await this.#world.sleep(Math.max(leftMs, pauseMsMin), done);
      const { user, system } = await this.#worker.cpuUsage(before);
      leftMs = this.#bounds.deadlineMs - (user + system) / 1000;
    }
  }

  async #converse(job: HeaderJob): Promise<Layout> {
    const first = await this.#ask({ kind: "parse", job }, job);
    if (first.kind !== "layout") throw unexpected(first);
    const builder = new LayoutBuilder(first.format);
    for (;;) {
      const reply = await this.#ask({ kind: "more" }, job);
      if (reply.kind === "end") return builder.layout();
      if (reply.kind !== "batch") throw unexpected(reply);
      builder.add(reply.batch);
    }
  }

  async #ask(request: HeaderRequest, job: HeaderJob): Promise<HeaderReply> {
    const answer = this.#reply();
    if (!this.#ended) this.#worker.postMessage(request);
    const reply = await answer;
    if (reply.kind === "fault")
      throw new HoldfastError(reply.code, `${job.path}: ${reply.message}`, reply.advice === undefined ? {} : { advice: reply.advice });
    return reply;
  }

  #reply(): Promise<HeaderReply> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  /** The first reason counts: a thread that is ended for its deadline also reports its exit. */
  #end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#settle?.reject(reason);
    void this.#worker.terminate();
  }

  #deathOf(error: NodeJS.ErrnoException): Error {
    if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") return fault("WORKER_DIED", `the header thread failed: ${error.message}`, { cause: error });
    return fault("FORMAT_INVALID", `the header needs more than ${this.#bounds.heapBytesMax / MiB} MiB of memory to read`, { cause: error, advice });
  }
}

function startWorker(heapBytesMax: number): Worker {
  const entry = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
  const worker = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: heapBytesMax / MiB, maxYoungGenerationSizeMb: 16 } });
  worker.unref();
  return worker;
}

/** A reply that the protocol does not have here is a fault of ours, not of the file. */
function unexpected(reply: HeaderReply): Error {
  return new Error(reply.kind === "crash" ? reply.message : `the header thread answered ${reply.kind} out of turn`);
}
