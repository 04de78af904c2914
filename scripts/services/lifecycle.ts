/** What can be done with an engine, whichever it is: up, down, one node killed or started. One process at a time does something to an engine. */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { acquire } from "../lock.mjs";
import { type Command, type Engine, type EngineOptions, EngineTrouble, type NodePlan, type Prepared, type Say } from "./engine.ts";
import { endedEarly, endNode, killNode, startNode } from "./nodes.ts";
import { folderOf } from "./places.ts";
import { isAlive } from "./process-start.ts";
import { type EngineState, healthOf, type NodeState, readState, writeState } from "./state.ts";

const settleMsMax = 120_000;

async function alone<T>({ name }: Engine, work: () => Promise<T>): Promise<T> {
  const release = await acquire(join(folderOf(name), "lock"), `${name}: another process is at work on it; waiting`);
  try {
    return await work();
  } finally {
    release();
  }
}

/** Starts every node that does not run, and returns when the engine has answered. Nothing happens when all of it is up. */
export function up(engine: Engine, options: EngineOptions, say: Say): Promise<void> {
  return alone(engine, async () => {
    const state = readState(folderOf(engine.name));
    refuseOtherShape(engine, state, options);
    if (healthOf(state).condition === "up") return say(`is up: ${state?.version}`);
    const prepared = await engine.prepare(options, say);
    await startMissing(engine, options, prepared, say);
    say(`is up: ${prepared.version} at ${prepared.address}`);
  });
}

function refuseOtherShape({ name }: Engine, state: EngineState | undefined, { ha, firstPort }: EngineOptions): void {
  if (state === undefined || healthOf(state).condition === "down" || (state.ha === ha && state.firstPort === firstPort)) return;
  const how = `${state.ha ? "with" : "without"} --ha, in the ports from ${state.firstPort} on`;
  throw new EngineTrouble(`it runs ${how}; run \`npm run services -- down ${name}\` first`);
}

async function startMissing(engine: Engine, options: EngineOptions, prepared: Prepared, say: Say, only?: string): Promise<void> {
  const record = new Record(engine, options, prepared);
  const missing = prepared.nodes.filter((plan) => !record.runs(plan) && (only === undefined || plan.name === only));
  for (const plan of missing) {
    say(`starting ${plan.name} on ${plan.ports.join(", ")}`);
    await startNode(plan, (node) => record.keep(plan.name, node));
  }
  // While other nodes are missing on purpose, the engine as a whole need not answer.
  if (prepared.nodes.every((plan) => record.runs(plan))) await settle(prepared, record);
  else if (only === undefined) throw record.firstEnded();
}

/** Waits for the engine's answers, but not for those of a node that has meanwhile ended. */
async function settle(prepared: Prepared, record: Record): Promise<void> {
  const watch = new AbortController();
  const timer = setInterval(() => record.firstEnded() && watch.abort(), 300);
  try {
    await prepared.settle(AbortSignal.any([watch.signal, AbortSignal.timeout(settleMsMax)]));
  } catch (error) {
    throw record.firstEnded() ?? error;
  } finally {
    clearInterval(timer);
  }
  record.settled();
}

/** The state file while the engine is being started: written after every step, so that an interrupted start can be stopped. */
class Record {
  readonly #folder: string;
  #state: EngineState;

  constructor(engine: Engine, { ha, firstPort }: EngineOptions, { version, address, environment, nodes }: Prepared) {
    this.#folder = folderOf(engine.name);
    const known = Object.entries(readState(this.#folder)?.nodes ?? {}).filter(([name]) => nodes.some((plan) => plan.name === name));
    this.#state = { version, address, environment, ha, firstPort, settled: false, nodes: Object.fromEntries(known) };
  }

  runs(plan: NodePlan): boolean {
    const node = this.#state.nodes[plan.name];
    return node !== undefined && isAlive(node);
  }

  keep(name: string, node: NodeState): void {
    this.#write({ ...this.#state, nodes: { ...this.#state.nodes, [name]: node } });
  }

  settled(): void {
    this.#write({ ...this.#state, settled: true });
  }

  firstEnded(): EngineTrouble | undefined {
    const [ended] = Object.entries(this.#state.nodes).filter(([, node]) => !isAlive(node));
    return ended && endedEarly(...ended);
  }

  #write(state: EngineState): void {
    this.#state = state;
    writeState(this.#folder, state);
  }
}

export interface DownOptions {
  /** Deletes what the engine keeps, too. */
  readonly wipe: boolean;
}

/** Ends what was started here and is still that process, the last node first. */
export function down(engine: Engine, { wipe }: DownOptions, say: Say): Promise<void> {
  return alone(engine, async () => {
    const folder = folderOf(engine.name);
    const nodes = Object.entries(readState(folder)?.nodes ?? {});
    for (const [name, node] of nodes.filter(([, node]) => isAlive(node)).reverse()) {
      say(`ending ${name} (${node.pid})`);
      await endNode(name, node);
    }
    if (wipe) for (const place of [...nodes.map(([, { log }]) => dirname(log)), folder]) rmSync(place, { recursive: true, force: true });
    say(wipe ? "is down, and what it kept is deleted" : "is down");
  });
}

/** Ends one node at once, as a crash would. Returns its name. */
export function kill(engine: Engine, word: string, say: Say): Promise<string> {
  return alone(engine, async () => {
    const { state, prepared } = await running(engine, say);
    const name = await prepared.nodeNamed(word);
    const node = state.nodes[name];
    if (node === undefined || !isAlive(node)) throw new EngineTrouble(`${name} does not run`);
    await killNode(name, node);
    say(`killed ${name} (${node.pid})`);
    return name;
  });
}

/** Starts one node that does not run, or without a word all of those. */
export function start(engine: Engine, word: string | undefined, say: Say): Promise<void> {
  return alone(engine, async () => {
    const { state, prepared } = await running(engine, say);
    const name = word === undefined ? undefined : await prepared.nodeNamed(word);
    await startMissing(engine, state, prepared, say, name);
    say(name === undefined ? "all nodes run" : `${name} runs`);
  });
}

/** The engine's own client for these words, ready to be run against it. */
export async function clientOf(engine: Engine, words: readonly string[], say: Say): Promise<Command> {
  const { state, prepared } = await running(engine, say);
  if (healthOf(state).condition === "down") throw new EngineTrouble(`it is down: npm run services -- up ${engine.name}`);
  const command = await prepared.client(words);
  if (command === undefined) throw new EngineTrouble(`${engine.name} has no client ${JSON.stringify(words[0] ?? "")}`);
  return command;
}

async function running(engine: Engine, say: Say): Promise<{ readonly state: EngineState; readonly prepared: Prepared }> {
  const state = readState(folderOf(engine.name));
  if (state === undefined) throw new EngineTrouble(`it was never started here: npm run services -- up ${engine.name}`);
  return { state, prepared: await engine.prepare(state, say) };
}
