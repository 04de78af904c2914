import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MiB } from "../../core/units.ts";
import type { Job } from "../../machine/jobs.ts";
import type { Engine } from "../engine.ts";
import { FileSink } from "./file-sink.ts";
import { type Target, type Window, windowsOf } from "./plan.ts";

const part = { literal: new Uint8Array(5 * MiB) };
const target: Target = { name: "a", bytes: 4 * part.literal.length, parts: [part, part, part, part] };
const memory = new Uint8Array(new SharedArrayBuffer(20 * MiB));

/** The making of the file stands still until it is let go or fails; every other job is done at once, and noted. */
async function standingSink() {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-file-sink-"));
  const making = Promise.withResolvers<void>();
  const done: Job["kind"][] = [];
  const run = async ({ kind }: Job): Promise<void> => {
    if (kind === "prepare") await making.promise;
    done.push(kind);
  };
  const sink = new FileSink({ pool: { run } } as unknown as Engine, folder, [target]);
  await sink.begin();
  const [window] = [...windowsOf([target])] as [Window];
  return { sink, window, making, done, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test("chunks are fetched while the file is made; a write waits for it", async () => {
  await using standing = await standingSink();
  const { sink, window, making, done } = standing;
  assert.equal(await sink.recall(window, memory), "none");
  const delivered = sink.deliver(window, memory, false);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(done, []);
  making.resolve();
  await delivered;
  assert.deepEqual(done, ["prepare", "write"]);
});

test("a sink is settled when nothing more is made", async () => {
  await using standing = await standingSink();
  const { sink, window, making } = standing;
  let settled = false;
  await sink.recall(window, memory);
  const settling = sink.settled().then(() => {
    settled = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(settled, false);
  making.reject(new Error("the disk is full"));
  await settling;
});

test("a file that cannot be made is told to who writes", async () => {
  await using standing = await standingSink();
  const { sink, window, making } = standing;
  await sink.recall(window, memory);
  making.reject(new Error("the disk is full"));
  await assert.rejects(sink.deliver(window, memory, false), /the disk is full/);
});
