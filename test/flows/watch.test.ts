/** Moves of refs, seen as they come: by what is told, and without it by what the catalog knows. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { fault, isFault } from "../../src/core/errors.ts";
import { parseModelName, parseRefName } from "../../src/core/names.ts";
import { removeRefs } from "../../src/flows/remove.ts";
import { tag } from "../../src/flows/tag.ts";
import { type SeenMove, watchRefs } from "../../src/flows/watch.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { type Catalog, lastChange } from "../../src/places/catalog/index.ts";
import { announcing } from "../../src/places/coordinate/index.ts";
import { never, Stand } from "./stand.ts";

const model = parseModelName("ns/model");
const durability = { replicas: 1, replicasMin: 1 };
const all = { model: undefined, ref: undefined };

let stand: Stand;

/** Tells of its moves. `deaf`: the catalog itself never says that something changed. */
function telling({ deaf = false, mute = false }: { deaf?: boolean; mute?: boolean }): Engine {
  const { engine } = stand;
  const { events } = engine.coordination.coordinator;
  const changed: Catalog["changed"] = (signal) => engine.world.sleep(3600_000, signal);
  const catalog = deaf ? { ...engine.catalog, changed } : engine.catalog;
  return { ...engine, catalog: mute ? catalog : announcing(catalog, events) };
}

async function taken(moves: AsyncGenerator<SeenMove, void>, count: number): Promise<SeenMove[]> {
  const seen: SeenMove[] = [];
  while (seen.length < count) seen.push((await moves.next()).value as SeenMove);
  await moves.return();
  return seen;
}

async function movedBy(engine: Engine): Promise<string[]> {
  const at = { model, revision: undefined };
  const name = `r-${engine.world.id().slice(0, 6)}`;
  await tag(engine, at, parseRefName(name), durability, never);
  await removeRefs(engine, { model, revision: name }, durability, never);
  await tag(engine, at, parseRefName(name), durability, never);
  return [`${name} +`, `${name} -`, `${name} +`];
}

function spell({ ref, version }: SeenMove): string {
  return `${ref} ${version === undefined ? "-" : "+"}`;
}

suite("watching refs", () => {
  before(async () => {
    stand = await Stand.make(1);
    await stand.push({ "config.json": Buffer.from("{}") }, { replicas: 1 });
  });
  after(() => stand[Symbol.asyncDispose]());

  for (const [name, kind] of Object.entries({ "by what is told alone": { deaf: true }, "by what the catalog knows alone": { mute: true }, "by both": {} }))
    test(`${name}: every move, once and in order, to each who watches`, { timeout: 20_000 }, async () => {
      const engine = telling(kind);
      const from = await lastChange(engine.catalog);
      const watchers = [0, 1, 2].map(() => taken(watchRefs(engine, { ...all, after: from }, never), 3));
      await stand.world.sleep(20, never);
      const moves = await movedBy(engine);
      for (const seen of await Promise.all(watchers)) {
        assert.deepEqual(seen.map(spell), moves);
        assert.deepEqual(
          seen.map(({ sequence }) => sequence),
          [1, 2, 3].map((step) => from + step),
        );
      }
    });

  test("moves in a transaction are told when it is committed, and only then", async () => {
    const heard: string[] = [];
    const events = { tell: async (_: string, text: string) => void heard.push(text), listen: () => ({ [Symbol.dispose]() {} }) };
    const catalog = announcing(stand.engine.catalog, events);
    const version = await catalog.ref(model, parseRefName("main"));
    const move = { model, ref: parseRefName("told"), expected: undefined, to: version, opId: stand.world.id() };
    const undone = catalog.transaction(async (tx) => {
      await tx.move(move);
      throw fault("CANCELLED", "undone");
    });
    await assert.rejects(undone, (error) => isFault(error, "CANCELLED"));
    assert.deepEqual(heard, []);
    await catalog.transaction(async (tx) => {
      await tx.move(move);
      assert.deepEqual(heard, []);
    });
    assert.deepEqual(heard, [String(await lastChange(catalog))]);
  });

  test("one model or one ref can be watched, from an earlier move on", async () => {
    const engine = telling({});
    const other = parseModelName("ns/other");
    await stand.push({ "config.json": Buffer.from("{ }") }, { model: other, replicas: 1 });
    await tag(engine, { model: other, revision: undefined }, parseRefName("prod"), durability, never);
    const [first] = await taken(watchRefs(engine, { model: other, ref: undefined, after: 0 }, never), 1);
    const [prod] = await taken(watchRefs(engine, { model: other, ref: parseRefName("prod"), after: 0 }, never), 1);
    assert.deepEqual([first?.model, first?.ref, first?.previous, prod?.ref], [other, "main", undefined, "prod"]);
  });

  test("watching ends when it is told to", async () => {
    const stop = new AbortController();
    const next = watchRefs(telling({}), { ...all, after: await lastChange(stand.engine.catalog) }, stop.signal).next();
    stop.abort();
    await assert.rejects(next, (error) => isFault(error, "CANCELLED"));
  });
});
