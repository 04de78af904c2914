import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { ProgressEvent } from "../flows/progress.ts";
import { Task } from "./task.ts";

const event = (bytes: number): ProgressEvent => ({ step: "s", bytes, total: 10 });

async function seenBy(task: Task<unknown>): Promise<number[]> {
  const seen: number[] = [];
  for await (const { bytes } of task) seen.push(bytes);
  return seen;
}

test("a task is a promise of its result", async () => {
  const task = new Task(async () => 5);
  assert.equal(await task, 5);
  assert.equal(await task.then((value) => value + 1), 6);
  assert.deepEqual(await Promise.all([task]), [5]);
});

test("every event reaches a reader who keeps up, and the end ends the loop", async () => {
  const task = new Task(async (progress) => {
    for (let bytes = 1; bytes <= 3; bytes++) {
      progress(event(bytes));
      await turn();
    }
  });
  assert.deepEqual(await seenBy(task), [1, 2, 3]);
});

test("a slow reader gets the newest event and no queue", async () => {
  const task = new Task(async (progress) => {
    for (let bytes = 1; bytes <= 1000; bytes++) progress(event(bytes));
  });
  assert.deepEqual(await seenBy(task), [1000]);
  assert.deepEqual(await seenBy(task), [1000], "also one who comes when all is over");
});

test("what the work throws is thrown by the loop and by the promise", async () => {
  const task = new Task(async (progress) => {
    progress(event(1));
    await turn();
    throw new RangeError("no");
  });
  await assert.rejects(seenBy(task), RangeError);
  await assert.rejects(task, RangeError);
  await task.ended;
});

test("a failure that comes while the reader is busy is not an unhandled one", async () => {
  const task = new Task(async (progress) => {
    progress(event(1));
    throw new RangeError("no");
  });
  await assert.rejects(async () => {
    for await (const _ of task) for (let turns = 0; turns < 5; turns++) await turn();
  }, RangeError);
});
