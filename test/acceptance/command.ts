/** The command as anyone runs it: `bin/holdfast` as a child process, its JSON, its exit code, its memory, and its end when it does not come by itself. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LoadResult, PushResult } from "../../src/index.ts";

const executable = fileURLToPath(new URL("../../bin/holdfast", import.meta.url));
const timeoutMsDefault = 60_000;
const peakEveryMs = 25;

/** What the JSON of a command may have, of what is looked at here. */
interface Answer {
  readonly version?: string;
  readonly clean?: boolean;
  readonly error?: { readonly code: string; readonly kind: string; readonly message: string; readonly advice: string | null };
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly endedBy: NodeJS.Signals | null;
  readonly json: Answer | undefined;
  readonly stderr: string;
  readonly seconds: number;
  /** The most memory that the whole process ever had resident; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Has each line of standard output as it comes. */
  readonly line?: (text: string) => void;
}

const running = new Set<ChildProcess>();

/** For when a show ends before its commands do. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** A command that is running. */
export class Running {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #words: string;
  #peakBytes: number | undefined;

  constructor(words: readonly string[], env: NodeJS.ProcessEnv, { timeoutMs = timeoutMsDefault, cwd, line }: RunOptions) {
    this.#words = words.join(" ");
    this.#child = spawn(executable, words, { stdio: ["ignore", "pipe", "pipe"], env, ...(cwd !== undefined && { cwd }) });
    running.add(this.#child);
    if (line && this.#child.stdout) createInterface({ input: this.#child.stdout }).on("line", line);
    this.ended = this.#watch(timeoutMs).finally(() => running.delete(this.#child));
  }

  get over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** SIGKILL, which no process can answer. Resolves when it is gone. */
  async kill(): Promise<Ended> {
    this.#child.kill("SIGKILL");
    return this.ended;
  }

  async #watch(timeoutMs: number): Promise<Ended> {
    const startedMs = performance.now();
    let [stdout, stderr] = ["", ""];
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const sampling = setInterval(() => this.#sample(), peakEveryMs);
    let late: string | undefined;
    const deadline = setTimeout(() => {
      late = threadsOf(this.#child.pid);
      this.#child.kill("SIGKILL");
    }, timeoutMs);
    const [exitCode, endedBy] = (await once(this.#child, "close")) as [number | null, NodeJS.Signals | null];
    clearInterval(sampling);
    clearTimeout(deadline);
    assert.ok(late === undefined, `holdfast ${this.#words} did not end within ${timeoutMs / 1000} s\n${late}\n${stderr}`);
    return { exitCode, endedBy, json: lastObject(stdout), stderr, seconds: (performance.now() - startedMs) / 1000, peakBytes: this.#peakBytes };
  }

  /** The kernel keeps the high-water mark; it only has to be read before the process is gone. */
  #sample(): void {
    if (process.platform !== "linux") return;
    try {
      const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, "utf8"))?.[1];
      if (kilobytes) this.#peakBytes = Math.max(this.#peakBytes ?? 0, Number(kilobytes) * 1024);
    } catch {
      // It has just ended.
    }
  }
}

/** What each thread of a process that does not end is at: its name, its state, the processor time it had, and where it waits in the kernel. */
function threadsOf(pid: number | undefined): string {
  try {
    const folder = `/proc/${pid}/task`;
    return readdirSync(folder)
      .map((thread) => {
        const stat = readFileSync(`${folder}/${thread}/stat`, "utf8");
        const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const name = readFileSync(`${folder}/${thread}/comm`, "utf8").trim();
        return `${name}: ${state}, ${fields[10]} + ${fields[11]} ticks, ${readFileSync(`${folder}/${thread}/wchan`, "utf8")}`;
      })
      .join("\n");
  } catch (error) {
    return `its threads cannot be seen: ${String(error)}`;
  }
}

function lastObject(stdout: string): Ended["json"] {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? (JSON.parse(line) as Ended["json"]) : undefined;
}

export type Pushed = PushResult & { readonly seconds: number; readonly peakBytes: number | undefined };
export type Pulled = LoadResult & { readonly seconds: number; readonly peakBytes: number | undefined };

/** The command on one store. */
export class Holdfast {
  readonly store: string;
  readonly #env: NodeJS.ProcessEnv;

  /** `folder`: gets the store, and an empty home. `environment`: what the command finds beside ours. */
  constructor(folder: string, name = "store", environment: NodeJS.ProcessEnv = {}) {
    this.store = join(folder, name);
    const { HOLDFAST_STORE: _, ...env } = process.env;
    this.#env = { ...env, ...environment, HOME: join(folder, "home"), NO_COLOR: "1" };
  }

  start(words: readonly string[], options: RunOptions = {}): Running {
    return new Running([...words, "--store", this.store, "--json"], this.#env, options);
  }

  run(words: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(words, options).ended;
  }

  /** Must end well; returns its JSON. */
  async ok<T = Record<string, unknown>>(words: readonly string[], options: RunOptions = {}): Promise<T & { peakBytes: number | undefined }> {
    const { exitCode, endedBy, json, stderr, peakBytes } = await this.run(words, options);
    assert.equal(exitCode, 0, `holdfast ${words.join(" ")} ended with ${endedBy ?? exitCode}\n${stderr}${JSON.stringify(json)}`);
    assert.ok(json, `holdfast ${words.join(" ")} printed no JSON`);
    return { ...(json as T), peakBytes };
  }

  push(path: string, model: string, words: readonly string[] = [], options: RunOptions = {}): Promise<Pushed> {
    return this.ok<Pushed>(["push", path, model, ...words], options);
  }

  pull(model: string, folder: string, words: readonly string[] = [], options: RunOptions = {}): Promise<Pulled> {
    return this.ok<Pulled>(["pull", model, folder, ...words], options);
  }
}

/** How long a command over so many bytes may take before it counts as hanging: far beyond what any disk needs. */
export function patience(bytes: number): RunOptions {
  return { timeoutMs: 60_000 + bytes / 20_000 };
}
