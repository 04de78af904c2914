/** What a side takes of the machine besides time: processor time for a gigabyte, and memory at its highest. */
import { printTable } from "./measure.ts";
import { type Spread, spreadOf } from "./rounds.ts";

export interface Cost {
  readonly seconds: number;
  /** User and system, of the client alone. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface CostsOfSide {
  readonly name: string;
  readonly cpuSecondsPerGigabyte: Spread;
  readonly peakMebibytes: number;
}

/** Of the rounds of one side; the first warms up and is not counted. */
export class Costs {
  readonly #name: string;
  readonly #bytes: number;
  readonly #rounds: Cost[] = [];

  constructor(name: string, bytes: number) {
    this.#name = name;
    this.#bytes = bytes;
  }

  /** Answers with the seconds, as a side does that has a clock of its own. */
  add(cost: Cost): number {
    this.#rounds.push(cost);
    return cost.seconds;
  }

  get sums(): CostsOfSide | undefined {
    const counted = this.#rounds.slice(1);
    if (counted.length === 0) return undefined;
    const cpuSecondsPerGigabyte = spreadOf(counted.map(({ cpuSeconds }) => cpuSeconds / (this.#bytes / 1e9)));
    return { name: this.#name, cpuSecondsPerGigabyte, peakMebibytes: Math.round(Math.max(...counted.map(({ peakBytes }) => peakBytes)) / 2 ** 20) };
  }
}

export function printCosts(costs: readonly CostsOfSide[]): void {
  const cells = ({ median, min, max }: Spread): string[] => [median, min, max].map((value) => value.toFixed(2));
  printTable(
    ["client", "CPU s/GB", "min", "max", "peak MiB"],
    costs.map(({ name, cpuSecondsPerGigabyte, peakMebibytes }) => [name, ...cells(cpuSecondsPerGigabyte), String(peakMebibytes)]),
  );
}
