/** What a bench found, for people as a table and for programs as bench/results/NAME.json. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CostsOfSide, printCosts } from "./costs.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { printTable } from "./measure.ts";
import type { Place } from "./place.ts";
import { type Profile, printProfiles } from "./profile.ts";
import { alternate, rateOf, type Side, type Spread, type Timed, timesOf } from "./rounds.ts";

export interface Comparison {
  readonly ours: string;
  readonly peer: string;
  /** How many times as fast as the peer ours has to be; undefined: for information. */
  readonly goal: number | undefined;
}

/** Of what is kept in bench/results, what is drawn. */
export interface Results {
  readonly bench: string;
  readonly sides: readonly { readonly name: string; readonly gigabytesPerSecond: Spread }[];
  readonly ratios: readonly Comparison[];
}

const folder = fileURLToPath(new URL("./results/", import.meta.url));

/** Lets the sides take turns and reports what came of it. */
export async function compare(name: string, place: Place, sides: readonly Side[], comparisons: readonly Comparison[]): Promise<void> {
  const timed = await alternate(sides, place.rounds, place.patienceMs);
  report(
    name,
    place,
    timed,
    comparisons,
    sides.flatMap(({ profiler }) => profiler?.profile ?? []),
    sides.flatMap(({ costs }) => costs?.sums ?? []),
  );
}

function report(
  name: string,
  place: Place,
  timed: readonly Timed[],
  comparisons: readonly Comparison[],
  profiles: readonly Profile[],
  costs: readonly CostsOfSide[],
): void {
  const machine = describeMachine(place.folder);
  const ratios = comparisons.flatMap((comparison) => ratioOf(timed, comparison));
  const state = place.cold ? "cold: sources are out of the page cache" : "warm: sources are in the page cache";
  console.log(`\n${machineLine(machine)}\n${(place.bytes / 1e9).toFixed(2)} GB, ${place.rounds} rounds in turns, ${state}\n`);
  printTable(
    ["", "GB/s", "min", "max", "others' load"],
    timed.map((each) => [each.name, ...cells(rateOf(each)), `${Math.round(100 * Math.max(...each.others))} %`]),
  );
  console.log();
  printTable(
    ["times as fast", "median", "min", "max", "goal"],
    ratios.map(({ ours, peer, goal, times }) => [
      `${ours} / ${peer}`,
      ...cells(times),
      goal === undefined ? "" : `≥ ${goal}${times.median < goal ? " missed" : ""}`,
    ]),
  );
  console.log();
  if (profiles.length > 0) printProfiles(profiles);
  if (costs.length > 0) printCosts(costs);
  mkdirSync(folder, { recursive: true });
  const sides = timed.map((each) => ({ ...each, gigabytesPerSecond: rateOf(each) }));
  const body: Results & Readonly<Record<string, unknown>> = {
    bench: name,
    machine,
    bytes: place.bytes,
    rounds: place.rounds,
    state: place.cold ? "cold" : "warm",
    sides,
    ratios,
    profiles,
    costs,
  };
  writeFileSync(join(folder, `${name}${place.cold ? "-cold" : ""}.json`), `${JSON.stringify(body, undefined, 2)}\n`);
}

/** What a bench of whole models found last on this machine; undefined where it has not run. */
export function lastResults(bench: string): Results | undefined {
  const path = join(folder, `${bench}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : undefined;
}

function ratioOf(timed: readonly Timed[], comparison: Comparison): (Comparison & { readonly times: Spread })[] {
  const [ours, peer] = [comparison.ours, comparison.peer].map((name) => timed.find((each) => each.name === name));
  return ours && peer ? [{ ...comparison, times: timesOf(ours, peer) }] : [];
}

function cells({ median, min, max }: Spread): string[] {
  return [median, min, max].map((value) => value.toFixed(2));
}
