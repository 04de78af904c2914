import assert from "node:assert/strict";
import { followChanges, type RefLogEntry } from "../../src/places/catalog/index.ts";
import { type Bench, type Cases, model, otherModel, refused } from "./bench.ts";

const never = new AbortController().signal;

/** A version, and a ref that names it. */
async function made(bench: Bench, name: string, inModel = model): Promise<RefLogEntry> {
  await bench.addVersion(name, [], { inModel });
  return bench.move(name, undefined, { ref: name, inModel });
}

async function taken(feed: AsyncGenerator<RefLogEntry>, count: number): Promise<RefLogEntry[]> {
  const entries: RefLogEntry[] = [];
  while (entries.length < count) {
    const { value } = await feed.next();
    entries.push(value);
  }
  return entries;
}

export const changeCases: Cases = {
  "changes are the moves of all models after a number, oldest first": async (bench) => {
    const entries = [await made(bench, "a"), await made(bench, "b", otherModel), await bench.move(undefined, "a", { ref: "a" })];
    assert.deepEqual(await bench.catalog.changes(0, 10), entries);
    assert.deepEqual(await bench.catalog.changes(1, 10), entries.slice(1));
    assert.deepEqual(await bench.catalog.changes(0, 2), entries.slice(0, 2));
    assert.deepEqual(await bench.catalog.changes(3, 10), []);
  },
  "a move that was undone with its transaction is no change": async (bench) => {
    await bench.addVersion("a");
    const undone = bench.catalog.transaction(async (tx) => {
      await bench.move("a", undefined, {}, tx);
      throw new Error("undone");
    });
    await assert.rejects(undone, /undone/);
    assert.deepEqual(await bench.catalog.changes(0, 10), []);
  },
  "a follower sees what was, and then each move of any process, once": async (bench) => {
    const before = await made(bench, "before");
    const feed = followChanges(bench.catalog, 0, never);
    assert.deepEqual(await taken(feed, 1), [before]);
    const second = await bench.open();
    const coming = taken(feed, 3);
    const moves: RefLogEntry[] = [];
    for (const [n, catalog] of [second, bench.catalog, second].entries()) {
      await bench.addVersion(`v${n}`, [], {}, catalog);
      moves.push(await bench.move(`v${n}`, undefined, { ref: `r${n}` }, catalog));
    }
    assert.deepEqual(await coming, moves);
    await feed.return(undefined as never);
  },
  "C15: a follower that was away goes on with the last number that it saw": async (bench) => {
    const entries = [await made(bench, "a"), await made(bench, "b"), await made(bench, "c")];
    const feed = followChanges(bench.catalog, 1, never);
    assert.deepEqual(await taken(feed, 2), entries.slice(1));
    await feed.return(undefined as never);
  },
  "following ends when it is told to": async (bench) => {
    await made(bench, "a");
    const leaving = new AbortController();
    const feed = followChanges(bench.catalog, 0, leaving.signal);
    await taken(feed, 1);
    const next = feed.next();
    leaving.abort();
    await refused("CANCELLED", next);
    await refused("CANCELLED", bench.catalog.changed(leaving.signal));
  },
};
