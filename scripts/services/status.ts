/** What is told of an engine, to people and to programs. */
import type { Engine } from "./engine.ts";
import { folderOf } from "./places.ts";
import { isAlive } from "./process-start.ts";
import { type Condition, healthOf, readState } from "./state.ts";

export interface Report {
  readonly name: string;
  readonly says: string;
  /** Empty before its first start. */
  readonly version: string;
  readonly state: Condition;
  /** To paste into holdfast.yaml; empty before its first start. */
  readonly address: string;
  readonly variable: string;
  readonly nodes: readonly NodeReport[];
}

interface NodeReport {
  readonly name: string;
  readonly state: "running" | "ended";
  readonly pid: number;
  readonly ports: readonly number[];
  readonly log: string;
}

export function reportOf({ name, says, variable }: Engine): Report {
  const state = readState(folderOf(name));
  const nodes = Object.entries(state?.nodes ?? {}).map(([node, { pid, startedAt, ports, log }]) => {
    return { name: node, state: isAlive({ pid, startedAt }) ? "running" : "ended", pid, ports, log } as const;
  });
  return { name, says, version: state?.version ?? "", state: healthOf(state).condition, address: state?.address ?? "", variable, nodes };
}

export function table(reports: readonly Report[]): string {
  const width = Math.max(...reports.map(({ name }) => name.length));
  return reports.map((report) => entry(report, width)).join("\n");
}

function entry({ name, says, version, state, address, nodes }: Report, width: number): string {
  const head = `${name.padEnd(width)}  ${state.padEnd(9)}  ${version === "" ? says : `${version}  ${address}`}`;
  if (state === "down") return head;
  const lines = nodes.map((node) => `${"".padEnd(width)}    ${node.name.padEnd(8)} ${node.state} ${String(node.pid).padStart(8)}  ${node.ports.join(" ")}`);
  return [head, ...lines].join("\n");
}
