/** Names this process so that others can tell whether it still runs. Its number alone says little: numbers come back, in a container almost at once. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessMark {
  /** Where its number means something: a boot of a machine, and in it a space of process numbers. */
  readonly place: string;
  readonly pid: number;
  /** When it started, in the words of the system; empty where those cannot be had. */
  readonly started: string;
}

export function ownMark(): ProcessMark {
  return { place: ownPlace(), pid: process.pid, started: startOf(process.pid) ?? "" };
}

/** Undefined where that cannot be seen from here: on another machine, or in another container. */
export function stillRuns({ place, pid, started }: ProcessMark): boolean | undefined {
  if (place !== ownPlace()) return undefined;
  if (!isThere(pid)) return false;
  const now = startOf(pid);
  return now === undefined || started === "" || now === started;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function ownPlace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** Field 22 of proc_pid_stat(5), in ticks since the boot. The name in field 2 may hold anything, so it is counted from its end. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
