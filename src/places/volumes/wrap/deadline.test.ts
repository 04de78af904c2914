import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MiB } from "../../../core/units.ts";
import { realWorld, type World } from "../../../core/world/index.ts";
import type { Volume } from "../volume.ts";
import { deadline } from "./deadline.ts";
import { lateWork } from "./late.ts";
import type { Operation } from "./measure.ts";
import { retry } from "./retry.ts";
import { body, fails, got, impatientWorld, key, keyOf, keysOf, name, never, plain, ticks, withFaults } from "./test-tools.ts";

/** Its time passes only as the other's does. */
function tickingWith(world: World): World {
  return {
    ...world,
    async sleep(ms, signal) {
      for (const end = world.ticks() + ms; world.ticks() < end; ) await realWorld.sleep(1, signal);
    },
  };
}

describe("deadline", () => {
  const hanging = (op: Operation): Volume => withFaults([{ op, fault: "hang", nth: 1, times: "always" }]).volume;

  test("D16: every operation that hangs fails at its deadline", async () => {
    const run: Readonly<Record<Operation, (volume: Volume) => Promise<unknown>>> = {
      put: (volume) => volume.put(keyOf("cd"), body, never),
      get: got,
      stat: (volume) => keysOf(volume.stat([key], never)),
      list: (volume) => keysOf(volume.list(undefined, never)),
      remove: (volume) => volume.remove([key], never),
    };
    for (const op of Object.keys(run) as Operation[]) {
      await using inner = hanging(op);
      await fails(run[op](deadline(inner, { world: impatientWorld() })), "VOLUME_UNREACHABLE");
    }
  });

  test("D16: each step of a list has the whole time, however long the list takes", async () => {
    const world = impatientWorld();
    const slowly: Volume = {
      ...plain(),
      async *list() {
        for (const hex of ["01", "02", "03", "04"]) {
          await world.sleep(80, never);
          await realWorld.sleep(5, never); // so that the timer has a look in every step
          yield { key: keyOf(hex), bytes: 1 };
        }
      },
    };
    assert.equal((await keysOf(deadline(slowly, { world: tickingWith(world), operationMs: 100 }).list(undefined, never))).length, 4);
  });

  test("bytes get more time", async () => {
    await using inner = hanging("put");
    const world = impatientWorld();
    await fails(deadline(inner, { world, operationMs: 100, bytesPerSecondMin: MiB }).put(keyOf("cd"), [Buffer.alloc(2 * MiB)], never), "VOLUME_UNREACHABLE");
    assert.deepEqual(world.slept, [2100]);
  });

  test("work that goes on behind the failure can be waited for, since it may still write into the memory", async () => {
    const inner = hanging("get");
    const error = await got(deadline(inner, { world: impatientWorld() })).catch((reason: unknown) => reason);
    const late = lateWork(error);
    assert.ok(late);
    let ended = false;
    void late.then(() => {
      ended = true;
    });
    await ticks();
    assert.equal(ended, false);
    await inner[Symbol.asyncDispose]();
    await late;
  });

  test("a failure of the volume itself leaves nothing behind", async () => {
    const { volume } = withFaults([{ op: "get", fault: "eio", nth: 1 }]);
    const error = await got(deadline(volume, { world: realWorld })).catch((reason: unknown) => reason);
    assert.equal(lateWork(error), undefined);
  });

  test("the operation is asked to stop", async () => {
    let stopped = false;
    const polite: Volume = {
      ...plain(),
      get: (_key, _range, _into, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            stopped = true;
            reject(signal.reason);
          }),
        ),
    };
    await fails(got(deadline(polite, { world: impatientWorld() })), "VOLUME_UNREACHABLE");
    assert.equal(stopped, true);
  });

  test("a get that hangs is not tried again into the same memory", async () => {
    await using inner = hanging("get");
    const world = impatientWorld();
    let calls = 0;
    const counted: Volume = {
      ...inner,
      name,
      traits: inner.traits,
      get: (...call) => (calls++, inner.get(...call)),
      [Symbol.asyncDispose]: async () => undefined,
    };
    await fails(got(retry(deadline(counted, { world }), { world })), "VOLUME_UNREACHABLE");
    assert.equal(calls, 1);
  });
});
