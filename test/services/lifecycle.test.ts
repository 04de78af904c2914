/** What can be done with an engine, on one that is made of two small programs. */
import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Engine, type EngineOptions, EngineTrouble, oneOf, plainNode } from "../../scripts/services/engine.ts";
import { down, kill, start, up } from "../../scripts/services/lifecycle.ts";
import { folderOf } from "../../scripts/services/places.ts";
import { isAlive } from "../../scripts/services/process-start.ts";
import { type EngineState, healthOf, readState, writeState } from "../../scripts/services/state.ts";

const options: EngineOptions = { ha: false, firstPort: 24_600 };
const silent = (): void => {};
let made = 0;

interface Sample {
  readonly engine: Engine;
  state(): EngineState;
  /** How often the engine was asked to settle. */
  settles(): number;
}

/** `program` is what each of the nodes `a` and `b` runs. Both are taken to lead at once, but for one that never does. */
function sampleEngine(context: TestContext, program: string, neverLeads?: string): Sample {
  const name = `sample-${process.pid}-${made++}`;
  const folder = folderOf(name);
  let settles = 0;
  const nodes = ["a", "b"].map((node) => {
    const command = { file: process.execPath, args: ["-e", program] };
    return { ...plainNode, name: node, ports: [], command, folder: join(folder, node), leads: async () => node !== neverLeads };
  });
  const settle = async (): Promise<void> => {
    settles++;
  };
  const prepared = { version: "1", address: "x://", environment: {}, nodes, settle, nodeNamed: oneOf(["a", "b"]), client: async () => undefined };
  const engine: Engine = { name, says: "a sample", variable: "X", prepare: async () => prepared };
  context.after(() => down(engine, { wipe: true }, silent).finally(() => rmSync(folder, { recursive: true, force: true })));
  return { engine, state: () => readState(folder) as EngineState, settles: () => settles };
}

const runsOn = "setInterval(() => {}, 1000);";

test("up starts all nodes, and once they run it starts none", async (context) => {
  const { engine, state } = sampleEngine(context, runsOn);
  await up(engine, options, silent);
  const before = state();
  assert.deepEqual([healthOf(before).condition, Object.keys(before.nodes)], ["up", ["a", "b"]]);
  await up(engine, options, silent);
  assert.deepEqual(state(), before);
});

test("a killed node is missed, and started again alone", async (context) => {
  const { engine, state, settles } = sampleEngine(context, runsOn);
  await up(engine, options, silent);
  const { a, b } = state().nodes;
  assert.equal(await kill(engine, "a", silent), "a");
  assert.deepEqual(healthOf(state()), { condition: "partly up", ended: ["a"] });
  await assert.rejects(kill(engine, "a", silent), /a does not run/);
  await start(engine, "a", silent);
  assert.equal(healthOf(state()).condition, "up");
  assert.notDeepEqual(state().nodes.a, a);
  assert.deepEqual(state().nodes.b, b);
  assert.equal(settles(), 2, "asked again when all of it runs");
});

test("of two ended nodes one can be started, and the engine is up when both are", async (context) => {
  const { engine, state } = sampleEngine(context, runsOn);
  await up(engine, options, silent);
  for (const node of ["a", "b"]) await kill(engine, node, silent);
  assert.equal(healthOf(state()).condition, "down");
  await start(engine, "b", silent);
  assert.deepEqual(healthOf(state()), { condition: "partly up", ended: ["a"] });
  await start(engine, undefined, silent);
  assert.equal(healthOf(state()).condition, "up");
});

test("down ends what was started here, and not another process that has the number now", async (context) => {
  const { engine, state } = sampleEngine(context, runsOn);
  await up(engine, options, silent);
  const { a, b } = state().nodes as { a: EngineState["nodes"][string]; b: EngineState["nodes"][string] };
  writeState(folderOf(engine.name), { ...state(), nodes: { a: { ...a, startedAt: "some other day" }, b } });
  await down(engine, { wipe: false }, silent);
  assert.deepEqual([isAlive(a), isAlive(b)], [true, false]);
  writeState(folderOf(engine.name), { ...state(), nodes: { a, b } });
});

test("down keeps what the engine keeps, unless it is asked to wipe it", async (context) => {
  const { engine } = sampleEngine(context, runsOn);
  await up(engine, options, silent);
  const kept = join(folderOf(engine.name), "a/kept");
  writeFileSync(kept, "data");
  await down(engine, { wipe: false }, silent);
  assert.ok(existsSync(kept));
  await down(engine, { wipe: true }, silent);
  assert.ok(!existsSync(folderOf(engine.name)));
});

test("a running engine is not started in another shape beside itself", async (context) => {
  const { engine } = sampleEngine(context, runsOn);
  await up(engine, options, silent);
  await assert.rejects(up(engine, { ...options, ha: true }, silent), EngineTrouble);
  await assert.rejects(up(engine, { ...options, firstPort: 30_000 }, silent), /in the ports from 24600 on/);
});

test("a node that ends while others are waited for is told, and what did start can be stopped", async (context) => {
  const { engine, state } = sampleEngine(
    context,
    'if (process.cwd().endsWith("b")) { console.error("b has no memory"); process.exit(1); } setInterval(() => {}, 1000);',
    "b",
  );
  await assert.rejects(up(engine, options, silent), /b ended by itself[\s\S]*b has no memory/);
  const { a } = state().nodes;
  assert.ok(a && isAlive(a));
  await down(engine, { wipe: false }, silent);
  assert.ok(!isAlive(a));
});

test("what was never started can only be started by up", async (context) => {
  const { engine } = sampleEngine(context, runsOn);
  await assert.rejects(start(engine, "a", silent), /never started here/);
  await assert.rejects(kill(engine, "a", silent), /never started here/);
});
