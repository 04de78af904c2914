/** Makes the windows of a load, several side by side, each verified before the sink has it. */
import { throwIfCancelled } from "../../core/errors.ts";
import type { DomainName } from "../../core/names.ts";
import { verdictGood } from "../../machine/jobs.ts";
import { requireSpan } from "../../machine/span.ts";
import type { Engine } from "../engine.ts";
import { requireChains } from "./chains.ts";
import { type Fetch, roomBytesFor } from "./fetch.ts";
import { eachLimited } from "./limited.ts";
import { obtainChunks } from "./obtain.ts";
import { bytesOfCopies, type WantedChunk, type Window } from "./plan.ts";
import type { Replicas } from "./replicas.ts";
import type { Sink } from "./sink.ts";

export interface WindowReport {
  readonly bytes: number;
  /** Raw bytes of the chunks that the sink already had. */
  readonly recalledBytes: number;
}

export interface Run {
  readonly engine: Engine;
  readonly replicas: Replicas;
  readonly domain: DomainName;
  readonly sink: Sink;
  readonly signal: AbortSignal;
  /** Raw bytes of all that is loaded in one go, where they come with this run or others; undefined: little. */
  readonly loadBytes?: number;
  readonly report: (done: WindowReport) => void;
}

export async function runWindows(run: Run, windows: Iterable<Window>): Promise<void> {
  await eachLimited(windows, run.engine.pool.size + 2, (window) => makeWindow(run, window));
}

async function makeWindow(run: Run, window: Window): Promise<void> {
  const { engine, sink, signal } = run;
  throwIfCancelled(signal);
  const chains = await requireChains(
    engine.catalog,
    run.domain,
    window.chunks.map((chunk) => chunk.digest),
  );
  const fetches = window.chunks.map((chunk, index) => ({ chunk, chain: chains[index] as Fetch["chain"] }));
  const own = sink.memoryFor(window);
  const windowBytes = own ? 0 : Math.ceil(window.bytes / 64) * 64;
  using lease = await engine.arena.lend(windowBytes + roomBytesFor(fetches), signal);
  const memory = own ?? lease.bytes.subarray(0, window.bytes);
  const recalled = await sink.recall(window, memory, signal);
  const missing = recalled === "none" ? fetches : await missingOf(run, fetches, memory);
  await obtainChunks(run, missing, memory, lease.bytes.subarray(windowBytes));
  for (const literal of window.literals) memory.set(literal.bytes, literal.at);
  const unchanged = recalled === "all" && missing.length === 0 && window.literals.length === 0;
  await sink.deliver(window, memory, unchanged, signal);
  run.report({ bytes: window.bytes, recalledBytes: rawBytesOf(fetches) - rawBytesOf(missing) });
}

function rawBytesOf(fetches: readonly Fetch[]): number {
  return fetches.reduce((sum, fetch) => sum + bytesOfCopies(fetch.chunk.copies), 0);
}

async function missingOf(run: Run, fetches: readonly Fetch[], memory: Uint8Array): Promise<Fetch[]> {
  const there = await verifiedIn(
    run.engine,
    fetches.map((fetch) => fetch.chunk),
    memory,
  );
  return fetches.filter((_, index) => !there[index]);
}

/** Which chunks lie whole and right in a window. A chunk of which the window has only a part cannot be verified. */
export async function verifiedIn(engine: Engine, chunks: readonly WantedChunk[], memory: Uint8Array): Promise<boolean[]> {
  const whole = chunks.filter(isWhole);
  const verdicts = await engine.pool.run({ kind: "decode", chunks: whole.map((chunk) => ({ ...chunk, steps: [] })), window: requireSpan(memory) });
  const good = new Set(whole.filter((_, index) => verdicts[index] === verdictGood));
  return chunks.map((chunk) => good.has(chunk));
}

function isWhole(chunk: WantedChunk): boolean {
  return bytesOfCopies(chunk.copies) === chunk.rawBytes;
}
