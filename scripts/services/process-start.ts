/** Which process a number means: numbers are used again, so a process is known by its number and the moment of its start. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface ProcessId {
  readonly pid: number;
  /** As `startOf` said it. */
  readonly startedAt: string;
}

/** When the process with this number started, as a text that no other process of that number has; undefined when it has ended. */
export function startOf(pid: number): string | undefined {
  return process.platform === "linux" ? startByProc(pid) : startByPs(pid);
}

export function isAlive({ pid, startedAt }: ProcessId): boolean {
  return startOf(pid) === startedAt;
}

function startByProc(pid: number): string | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  // The name stands in parentheses and may hold anything, so the fields are counted from behind it: state is the third, start the 22nd.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, ticks] = [fields[0], fields[19]];
  // A process that ended stays a zombie until its parent asks for it; nobody listens there any more.
  if (ticks === undefined || state === "Z" || state === "X") return undefined;
  return `${readOrNothing("/proc/sys/kernel/random/boot_id").trim()} ${ticks}`;
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function startByPs(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  const [state = "", ...start] = stdout.trim().split(/\s+/);
  return state === "" || state.startsWith("Z") ? undefined : start.join(" ");
}
