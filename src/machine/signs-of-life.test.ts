import assert from "node:assert/strict";
import { test } from "node:test";
import { SimulatedWorld } from "../core/world/test-tools.ts";
import { SignsOfLife } from "./signs-of-life.ts";

const patience = { connectMs: 200, idleMs: 1000 };
const never = new AbortController().signal;

function watched(
  connected: boolean,
  over = never,
): { world: SimulatedWorld; life: SignsOfLife; missed: string[]; watch: (awaited?: () => boolean) => Promise<void> } {
  const world = new SimulatedWorld(() => 0.5);
  const life = new SignsOfLife(world, patience, connected);
  const missed: string[] = [];
  const watch = (awaited = (): boolean => true): Promise<void> => life.watch(awaited, (problem) => void missed.push(`${problem}, at ${world.ticks()}`), over);
  return { world, life, missed, watch };
}

test("silence is told once, and what was waited for", async () => {
  for (const [connected, problem] of [[false, "no connection within 200 ms, at 200"] as const, [true, "nothing moved for 1000 ms, at 1000"] as const]) {
    const { world, missed, watch } = watched(connected);
    await world.run(watch());
    assert.deepEqual(missed, [problem]);
  }
});

test("each sign begins the time anew, and a connection has the longer one", async () => {
  const { world, life, missed, watch } = watched(false);
  const signs = async (): Promise<void> => {
    await world.sleep(150, never);
    life.connect();
    for (let turn = 0; turn < 5; turn++) {
      await world.sleep(900, never);
      life.sign();
    }
  };
  await world.run(Promise.all([signs(), watch()]));
  assert.deepEqual(missed, ["nothing moved for 1000 ms, at 5650"]);
});

test("what came while the process was held up is heard before the other side is given up", async () => {
  const { world, life, missed, watch } = watched(true);
  let pending = true;
  const heldUp = async (): Promise<void> => {
    await world.sleep(1000, never);
    await world.sleep(0, never); // the timer of the watch, which is due too, comes first
    life.sign();
    await world.sleep(1, never);
    pending = false;
  };
  const watching = watch(() => pending);
  await world.run(Promise.all([watching, heldUp()]));
  assert.deepEqual(missed, []);
});

test("it ends when nothing is awaited, or all is over, and can begin again; where it runs it does not run twice", async () => {
  const over = new AbortController();
  const { world, missed, watch } = watched(true, over.signal);
  await world.run(watch(() => false));
  const first = watch();
  await watch(); // at once
  over.abort();
  await first;
  assert.deepEqual(missed, []);
});
