import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MiB } from "../core/units.ts";
import { Arena } from "./arena.ts";
import { adviseHugePages } from "./huge-pages.ts";

const onLinux = { skip: process.platform !== "linux" && "only Linux has them" };

/** KiB of this process that lie in mappings which were advised (`hg` in proc_pid_smaps(5)). */
function advisedKiB(): number {
  const mappings = readFileSync("/proc/self/smaps", "latin1").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return mappings.filter((mapping) => /^VmFlags:.* hg\b/m.test(mapping)).reduce((sum, mapping) => sum + Number(/^Size: +(\d+) kB/m.exec(mapping)?.[1]), 0);
}

test("what an arena lends is advised, and the memory of the workers is not", onLinux, () => {
  const before = advisedKiB();
  const arena = new Arena(64 * MiB, 40 * MiB);
  assert.equal(advisedKiB() - before, 64 * 1024);
  assert.equal(arena.capacityBytes, 64 * MiB);
});

test("advice that the kernel refuses harms nothing", onLinux, () => {
  const memory = new Uint8Array(new SharedArrayBuffer(8 * MiB));
  assert.equal(adviseHugePages(memory.subarray(1)), false); // starts on no page
  assert.ok(memory.every((byte) => byte === 0));
});
