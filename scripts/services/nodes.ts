/** One process of an engine: started so that it outlives us, ended so that only it is hit. */
import { spawn } from "node:child_process";
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineTrouble, type NodePlan } from "./engine.ts";
import { until } from "./patience.ts";
import { refuseTakenPorts } from "./ports.ts";
import { isAlive, type ProcessId, startOf } from "./process-start.ts";
import type { NodeState } from "./state.ts";
import { lastLines } from "./tools.ts";

const leadsMsMax = 90_000;
const endMsMax = 30_000;
/** A process that lives so long has read its settings and taken its ports. */
const earlyEndMs = 700;

/**
 * Starts it, and waits until it runs, and leads where others wait for it; one that ends is started again as often as it may be. `started` is
 * told of each process before anything is waited for.
 */
export async function startNode(plan: NodePlan, started: (state: NodeState) => void): Promise<void> {
  await plan.before();
  for (let tries = 1; ; tries++) {
    await refuseTakenPorts(plan.name, plan.ports);
    const state = launch(plan);
    started(state);
    await sleep(earlyEndMs);
    await until(() => leadsOrEnded(plan, state), { what: `${plan.name} answers`, waitMsMax: leadsMsMax });
    if (isAlive(state)) return;
    if (tries >= plan.triesMax) throw endedEarly(plan.name, state);
    await sleep(1000);
  }
}

async function leadsOrEnded(plan: NodePlan, state: NodeState): Promise<boolean> {
  return !isAlive(state) || (await plan.leads());
}

export function endedEarly(name: string, { log }: NodeState): EngineTrouble {
  const tail = existsSync(log) ? lastLines(readFileSync(log, "utf8"), 12) : "it wrote no log";
  return new EngineTrouble(`${name} ended by itself (${log}):\n${tail}`);
}

/** Its log begins anew with each start; the one before is kept beside it. */
function launch({ command, folder, name, ports, stopSignal, user }: NodePlan): NodeState {
  mkdirSync(folder, { recursive: true });
  if (user) chownSync(folder, user.uid, user.gid);
  const log = join(folder, "log");
  if (existsSync(log)) renameSync(log, `${log}.before`);
  const output = openSync(log, "a", 0o644);
  try {
    const env = { ...process.env, ...command.environment };
    const child = spawn(command.file, command.args, { cwd: folder, env, detached: true, stdio: ["ignore", output, output], ...user });
    // Without a listener, a program that cannot be run would end us instead of being told by its missing number.
    child.on("error", () => {});
    child.unref();
    if (child.pid === undefined) throw new EngineTrouble(`${name}: cannot run ${command.file}`);
    return { pid: child.pid, startedAt: startOf(child.pid) ?? "ended at once", ports, log, stopSignal };
  } finally {
    closeSync(output);
  }
}

/** Ends it and waits until it is gone; one that does not obey is killed. A process that is not the one we started is left alone. */
export async function endNode(name: string, node: NodeState, waitMsMax = endMsMax): Promise<void> {
  if (!send(node, node.stopSignal)) return;
  await until(() => !isAlive(node), { what: `${name} ends`, waitMsMax }).catch(() => killNode(name, node));
}

/** Ends it as a crash would. */
export async function killNode(name: string, node: NodeState): Promise<void> {
  if (send(node, "SIGKILL")) await until(() => !isAlive(node), { what: `${name} is gone`, waitMsMax: endMsMax });
}

function send(node: ProcessId, signal: NodeJS.Signals): boolean {
  if (!isAlive(node)) return false;
  try {
    return process.kill(node.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
