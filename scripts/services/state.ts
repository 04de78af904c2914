/** What is known of an engine that was started: one file per engine, replaced as a whole, so that `down`, `status` and tests need nothing else. */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EngineOptions } from "./engine.ts";
import { isAlive, type ProcessId } from "./process-start.ts";

export interface NodeState extends ProcessId {
  readonly ports: readonly number[];
  readonly log: string;
  readonly stopSignal: "SIGTERM" | "SIGINT";
}

export interface EngineState extends EngineOptions {
  readonly version: string;
  readonly address: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Every node that was started, also those that have ended since. */
  readonly nodes: Readonly<Record<string, NodeState>>;
  /** Whether all answered once after the last start. */
  readonly settled: boolean;
}

const fileIn = (folder: string): string => join(folder, "state.json");

/** Undefined when the engine was not started here. */
export function readState(folder: string): EngineState | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(folder), "utf8")) as EngineState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** It holds the passwords of the engine, so only its owner may read it. */
export function writeState(folder: string, state: EngineState): void {
  const path = fileIn(folder);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

export type Condition = "up" | "partly up" | "down";

export interface Health {
  readonly condition: Condition;
  /** Nodes that were started and have ended since. */
  readonly ended: readonly string[];
}

export function healthOf(state: EngineState | undefined): Health {
  const nodes = Object.entries(state?.nodes ?? {});
  const ended = nodes.filter(([, node]) => !isAlive(node)).map(([name]) => name);
  if (nodes.length === ended.length) return { condition: "down", ended };
  return { condition: ended.length === 0 && state?.settled === true ? "up" : "partly up", ended };
}
