/** What is kept of an engine, and what it says about the engine's health. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startOf } from "../../scripts/services/process-start.ts";
import { type EngineState, healthOf, readState, writeState } from "../../scripts/services/state.ts";

const alive = { pid: process.pid, startedAt: startOf(process.pid) as string, ports: [1], log: "log", stopSignal: "SIGTERM" } as const;
const ended = { ...alive, startedAt: "some other day" };
const whole: EngineState = {
  version: "1",
  address: "x://",
  ha: false,
  firstPort: 1024,
  environment: { PASSWORD: "p" },
  settled: true,
  nodes: { a: alive, b: alive },
};

test("what was written is read, by its owner alone; nothing is undefined", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-state-"));
  context.after(() => rmSync(folder, { recursive: true }));
  assert.equal(readState(folder), undefined);
  writeState(folder, { ...whole, version: "0" });
  writeState(folder, whole);
  assert.deepEqual(readState(folder), whole);
  assert.equal(statSync(join(folder, "state.json")).mode & 0o777, 0o600);
});

test("an engine is up when every node runs and all have answered", () => {
  assert.deepEqual(healthOf(whole), { condition: "up", ended: [] });
  assert.deepEqual(healthOf({ ...whole, settled: false }), { condition: "partly up", ended: [] });
  assert.deepEqual(healthOf({ ...whole, nodes: { a: alive, b: ended } }), { condition: "partly up", ended: ["b"] });
  assert.deepEqual(healthOf({ ...whole, nodes: { a: ended, b: ended } }), { condition: "down", ended: ["a", "b"] });
  assert.equal(healthOf(undefined).condition, "down");
  assert.equal(healthOf({ ...whole, nodes: {} }).condition, "down");
});
