// One process at a time, by a lock file that names its holder. Plain JavaScript, because setup runs on any Node before anything is installed.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const waitMsMax = 20 * 60_000;

/** Waits for the lock file to be ours; a lock whose process is gone is taken over. `waiting` is printed once. Returns how to give it back. */
export async function acquire(/** @type {string} */ path, /** @type {string} */ waiting) {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + waitMsMax;
  for (let told = false; !tryLock(path); told = true) {
    if (!told) console.log(waiting);
    if (Date.now() > deadline) throw new Error(`${path} is still held by another process; remove it if that process is gone`);
    removeIfAbandoned(path);
    await sleep(200);
  }
  return () => rmSync(path, { force: true });
}

function tryLock(/** @type {string} */ path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/** Two waiters may both find a lock abandoned: the rename lets one of them win, and what it took is looked at once more. */
function removeIfAbandoned(/** @type {string} */ path) {
  const holder = readHolder(path);
  if (holder === undefined || isAlive(holder)) return;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readHolder(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

/** Undefined when the lock is gone, or was made a moment ago and has no content yet. */
function readHolder(/** @type {string} */ path) {
  try {
    return Number(readFileSync(path, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
