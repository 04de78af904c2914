/** Where the time of a run goes: what the workers were busy with, how long they were idle, and how busy the event loop was. */
import { performance } from "node:perf_hooks";
import type { PoolMeasures } from "../src/machine/pool.ts";
import { printTable } from "./measure.ts";

export interface Profile {
  readonly name: string;
  readonly seconds: number;
  readonly gigabytes: number;
  readonly workers: number;
  readonly jobs: number;
  /** Milliseconds of all workers together, by stage. */
  readonly busyMs: Readonly<Record<string, number>>;
  readonly idleMs: number;
  /** Of the main thread. */
  readonly loopMs: number;
}

/** Collects several runs of one kind into one profile; the first warms up and is not in it. */
export class Profiler {
  readonly #name: string;
  #profile: Profile | undefined;
  #warm = false;

  constructor(name: string) {
    this.#name = name;
  }

  get profile(): Profile | undefined {
    return this.#profile;
  }

  async run(bytes: number, measures: () => PoolMeasures, work: () => Promise<unknown>): Promise<void> {
    const before = measures();
    const loop = performance.eventLoopUtilization();
    const start = performance.now();
    await work();
    const ms = performance.now() - start;
    const loopMs = performance.eventLoopUtilization(loop).active;
    if (this.#warm) this.#add({ ...differenceOf(this.#name, ms, before, measures()), gigabytes: bytes / 1e9, loopMs });
    this.#warm = true;
  }

  #add(one: Profile): void {
    const sum = this.#profile;
    this.#profile = sum ? { ...one, ...sumsOf(sum, one), busyMs: addTo(sum.busyMs, one.busyMs) } : one;
  }
}

function differenceOf(name: string, ms: number, before: PoolMeasures, { workers, jobs, busyMs }: PoolMeasures): Omit<Profile, "gigabytes" | "loopMs"> {
  const spent = addTo(busyMs, before.busyMs, -1);
  const idleMs = ms * workers - sumOf(spent);
  return { name, seconds: ms / 1000, workers, jobs: sumOf(addTo(jobs, before.jobs, -1)), busyMs: spent, idleMs };
}

function sumsOf(a: Profile, b: Profile): Pick<Profile, "seconds" | "gigabytes" | "jobs" | "idleMs" | "loopMs"> {
  const sum = (key: "seconds" | "gigabytes" | "jobs" | "idleMs" | "loopMs"): number => a[key] + b[key];
  return { seconds: sum("seconds"), gigabytes: sum("gigabytes"), jobs: sum("jobs"), idleMs: sum("idleMs"), loopMs: sum("loopMs") };
}

type Amounts = Readonly<Partial<Record<string, number>>>;

function addTo(a: Amounts, b: Amounts, sign = 1): Record<string, number> {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, (a[key] ?? 0) + sign * (b[key] ?? 0)]));
}

function sumOf(amounts: Amounts): number {
  return Object.values(amounts).reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

/** A line for each stage: milliseconds for a gigabyte, and the share of the time that the workers had. */
export function printProfiles(profiles: readonly Profile[]): void {
  const stages = [...new Set(profiles.flatMap(({ busyMs }) => Object.keys(busyMs).filter((stage) => (busyMs[stage] ?? 0) > 0)))];
  const rows = [...stages.map((stage) => [stage, ...profiles.map((profile) => cell(profile, profile.busyMs[stage] ?? 0))])];
  rows.push(["idle", ...profiles.map((profile) => cell(profile, profile.idleMs))]);
  rows.push(["event loop", ...profiles.map(({ loopMs, gigabytes, seconds }) => `${perGigabyte(loopMs, gigabytes)} ${percentOf(loopMs, seconds * 1000)}`)]);
  rows.push(["jobs", ...profiles.map(({ jobs, gigabytes }) => `${(jobs / gigabytes).toFixed(0)}/GB     `)]);
  printTable(["ms per GB, share of worker time", ...profiles.map(({ name, workers }) => `${name} (${workers} workers)`)], rows);
}

function cell({ gigabytes, seconds, workers }: Profile, ms: number): string {
  return `${perGigabyte(ms, gigabytes)} ${percentOf(ms, seconds * workers * 1000)}`;
}

const perGigabyte = (ms: number, gigabytes: number): string => (ms / gigabytes).toFixed(0);
const percentOf = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(0)} %`.padStart(6);
