/**
 * Programs that carry a model to an engine or back, and what they cost by the kernel's count: time, processor time and memory of the client alone, whatever
 * it is written in. Some are run to their end; others are started before, and do one errand after the other.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Cost } from "../costs.ts";

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const ticksPerSecond = 100;
const sampleMs = 20;

/** Its start is part of what it takes. */
export async function runToEnd({ file, args, environment }: Program): Promise<Cost> {
  const before = ticksOf("self", "ended children");
  const startMs = performance.now();
  const child = spawn(file, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "ignore", "pipe"] });
  let [peakBytes, stderr] = [0, ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-4000)));
  const sampling = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid))), sampleMs);
  const [code] = (await once(child, "close").finally(() => clearInterval(sampling))) as [number | null];
  const seconds = (performance.now() - startMs) / 1000;
  if (code !== 0) throw new Error(`${file} ${args.join(" ").slice(-200)} ended with ${code}: ${stderr}`);
  return { seconds, cpuSeconds: (ticksOf("self", "ended children") - before) / ticksPerSecond, peakBytes };
}

/** A program that says `ready`, and `done` after each line of words that it was told. */
export class WaitingClient implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  static async start({ file, args, environment }: Program): Promise<WaitingClient> {
    const child = spawn(file, args, { env: { ...process.env, ...environment }, stdio: ["pipe", "pipe", "inherit"] });
    const client = new WaitingClient(child, createInterface({ input: child.stdout }));
    await client.#expect("ready");
    return client;
  }

  async ask(...words: readonly string[]): Promise<Cost> {
    const { pid } = this.#child;
    const before = ticksOf(pid, "itself");
    const startMs = performance.now();
    this.#child.stdin.write(`${words.join("\t")}\n`);
    await this.#expect("done");
    const seconds = (performance.now() - startMs) / 1000;
    return { seconds, cpuSeconds: (ticksOf(pid, "itself") - before) / ticksPerSecond, peakBytes: peakOf(pid) };
  }

  async #expect(word: string): Promise<void> {
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) if (next.value === word) return;
    throw new Error(`${this.#child.spawnargs.join(" ").slice(0, 200)} ended before it said ${word}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    await ended;
  }
}

/** Clock ticks in user and system mode (proc_pid_stat(5)): fields 14 and 15, of children that ended 16 and 17. */
function ticksOf(pid: number | "self" | undefined, whose: "itself" | "ended children"): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0] = fields.slice(whose === "itself" ? 11 : 13);
  return user + system;
}

/** 0 for a process that is gone. */
function peakOf(pid: number | undefined): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
