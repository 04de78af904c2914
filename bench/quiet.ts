/** Waiting for others on the machine to pause, and putting memory and page cache into a known state before something is timed. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const sampleMs = 400;
const busyShareMax = 0.15;

/** Waits until less than 15 % of the processors are in use, `patienceMs` at most. Answers with the share that is in use then. */
export async function quiet(patienceMs: number): Promise<number> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const share = await busyShare();
    if (share < busyShareMax || performance.now() > until) return share;
    await sleep(1000);
  }
}

async function busyShare(): Promise<number> {
  const before = processorTicks();
  await sleep(sampleMs);
  const after = processorTicks();
  const all = after.all - before.all;
  return all > 0 ? (after.busy - before.busy) / all : 0;
}

function processorTicks(): { readonly busy: number; readonly all: number } {
  if (!existsSync("/proc/stat")) return { busy: 0, all: 0 };
  const [first = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = first.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all }; // idle and iowait
}

/**
 * Touches that much memory in a process of its own and gives it back. In a virtual machine the first use of memory that was free for a
 * while costs the host a fault for each page, which would be charged to whoever runs first.
 */
export function warmMemory(bytes: number): void {
  must(process.execPath, ["-e", `Buffer.alloc(${bytes}, 1)`]);
}

/** Into the page cache, by reading them. */
export async function warmFiles(folder: string): Promise<void> {
  await ddEach(folder, "of=/dev/null bs=1M");
}

/** Out of the page cache, as far as they are clean. */
export async function chillFiles(folder: string): Promise<void> {
  await ddEach(folder, "iflag=nocache count=0");
}

/** One child for all files: to start one costs a process with gigabytes of memory tens of milliseconds, for its page tables are copied. */
async function ddEach(folder: string, operands: string): Promise<void> {
  must("sh", ["-c", `for file; do dd if="$file" ${operands} status=none || exit 1; done`, "sh", ...(await filesUnder(folder))]);
}

export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

export function must(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
  return stdout;
}
