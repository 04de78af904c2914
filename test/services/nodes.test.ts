/** Processes of an engine, with small programs in the place of servers. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type NodePlan, plainNode } from "../../scripts/services/engine.ts";
import { endNode, killNode, startNode } from "../../scripts/services/nodes.ts";
import { isAlive } from "../../scripts/services/process-start.ts";
import type { NodeState } from "../../scripts/services/state.ts";

function planOf(context: TestContext, program: string, more: Partial<NodePlan> = {}): NodePlan {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-node-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return { ...plainNode, name: "sample", ports: [], folder, command: { file: process.execPath, args: ["-e", program] }, ...more };
}

async function started(context: TestContext, plan: NodePlan): Promise<NodeState> {
  let state: NodeState | undefined;
  await startNode(plan, (one) => {
    state = one;
  });
  context.after(() => killNode("sample", state as NodeState));
  return state as NodeState;
}

const leadsNever = (): Promise<boolean> => Promise.resolve(false);
const runsOn = "setInterval(() => {}, 1000);";

test("a started node runs, writes its log, and ends when it is asked to", async (context) => {
  const plan = planOf(context, `console.log("up in", process.cwd()); ${runsOn}`);
  const node = await started(context, { ...plan, leads: async () => readFileSync(join(plan.folder, "log"), "utf8").includes("up in") });
  assert.ok(isAlive(node));
  assert.match(readFileSync(node.log, "utf8"), /up in .*holdfast-node-/);
  await endNode("sample", node);
  assert.ok(!isAlive(node));
});

test("one that does not obey is killed", async (context) => {
  const node = await started(context, planOf(context, `process.on("SIGTERM", () => {}); ${runsOn}`));
  await endNode("sample", node, 200);
  assert.ok(!isAlive(node));
});

test("a process that is not the one that was started is left alone", async (context) => {
  const node = await started(context, planOf(context, runsOn));
  const another = { ...node, startedAt: "some other day" };
  await endNode("sample", another);
  await killNode("sample", another);
  assert.ok(isAlive(node));
});

test("a node that ends at once is told with the end of its log", async (context) => {
  const plan = planOf(context, 'console.error("no such setting"); process.exit(3);', { leads: leadsNever });
  await assert.rejects(
    startNode(plan, () => {}),
    /sample ended by itself [\s\S]*no such setting/,
  );
});

test("a node that may be tried again is, as often as it may", async (context) => {
  const once = 'const fs = require("node:fs"); if (!fs.existsSync("tried")) { fs.writeFileSync("tried", ""); process.exit(1); }';
  const pids: number[] = [];
  const plan = planOf(context, `${once} ${runsOn}`, { triesMax: 2, leads: async () => pids.length === 2 });
  await startNode(plan, (node) => {
    pids.push(node.pid);
    context.after(() => killNode("sample", node));
  });
  assert.equal(pids.length, 2);
});

test("a program that is not there is told", async (context) => {
  const plan = planOf(context, "", { command: { file: join(tmpdir(), "holdfast-no-such-program"), args: [] } });
  await assert.rejects(
    startNode(plan, () => {}),
    /cannot run .*holdfast-no-such-program/,
  );
});
