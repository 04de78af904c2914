/** A process is known by its number and its start: not by its number alone, and not when it is only a zombie. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { isAlive, startOf } from "../../scripts/services/process-start.ts";

test("a running process has one start, and another process another", async () => {
  const startedAt = startOf(process.pid);
  assert.ok(startedAt);
  assert.equal(startOf(process.pid), startedAt);
  assert.ok(isAlive({ pid: process.pid, startedAt }));
  assert.ok(!isAlive({ pid: process.pid, startedAt: `${startedAt}0` }), "the same number, used again later");
});

test("an ended process has none", async () => {
  const child = spawn(process.execPath, ["-e", "0"]);
  await once(child, "close");
  assert.equal(startOf(child.pid as number), undefined);
});

test("a zombie has ended", { skip: process.platform === "linux" ? false : "needs /proc to find one" }, async () => {
  // The shell becomes a program that never asks for the child that it inherits; one that ended before would be asked for by the shell itself.
  const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 20"]);
  try {
    const [said] = await once(parent.stdout, "data");
    const pid = Number(String(said));
    while (startOf(pid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.doesNotThrow(() => process.kill(pid, 0), "the number is still taken");
  } finally {
    parent.kill();
  }
});
