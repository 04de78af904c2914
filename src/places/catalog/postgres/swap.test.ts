import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { model, refused, versionId } from "../../../../test/catalog/bench.ts";
import { ask, dropAll, newUrl, schemaOf, withoutServer } from "../../../../test/catalog/postgres.ts";
import { realWorld } from "../../../core/world/index.ts";
import type { Catalog } from "../catalog.ts";
import { catalogBeside, catalogIsThere, discardCatalog, openCatalog, swapCatalog } from "../open.ts";
import { swapPostgresCatalog } from "./swap.ts";

const urls: string[] = [];
after(async () => {
  for (const url of urls) await dropAll(url);
});

function fresh(): string {
  const url = newUrl();
  urls.push(url);
  return url;
}

const opened = (url: string, create = false): Promise<Catalog> => openCatalog(url, realWorld, { create });
const swap = (from: string, to: string) => swapPostgresCatalog(from, to, realWorld, 300);

/** A catalog that knows one outcome under its name. */
async function made(url: string, name: string): Promise<string> {
  await using catalog = await opened(url, true);
  await catalog.recordOutcome(name, model, versionId(name));
  return url;
}

async function knows(url: string, name: string): Promise<boolean> {
  await using catalog = await opened(url);
  return (await catalog.outcome(name)) !== undefined;
}

const named = (url: string, schema: string): string => url.replace(schemaOf(url), schema);

describe("a rebuilt catalog in PostgreSQL", withoutServer, () => {
  test("the fresh catalog is in the place of the old one, which is kept", async () => {
    const url = await made(fresh(), "old");
    const beside = await made(await catalogBeside(url), "fresh");
    const kept = await swapCatalog(beside, url, realWorld);
    assert.equal(kept, `${schemaOf(url)}_replaced_1`);
    assert.deepEqual([await knows(url, "fresh"), await knows(url, "old")], [true, false]);
    assert.deepEqual(await ask(named(url, kept as string), "SELECT op_id FROM outcome"), [{ op_id: "old" }]);
    assert.equal(await catalogIsThere(beside, realWorld), false);
    await made(beside, "later");
    assert.equal(await swapCatalog(beside, url, realWorld), `${schemaOf(url)}_replaced_2`);
  });

  test("a catalog that was lost leaves nothing to keep", async () => {
    const url = fresh();
    assert.equal(await swap(await made(await catalogBeside(url), "fresh"), url), undefined);
    assert.ok(await knows(url, "fresh"));
  });

  test("nothing is swapped while someone has one of the two open", async () => {
    const url = await made(fresh(), "old");
    const beside = await made(await catalogBeside(url), "fresh");
    for (const held of [url, beside]) {
      {
        await using _ = await opened(held);
        await refused("CATALOG_UNREACHABLE", swap(beside, url));
      }
      assert.ok(await knows(url, "old"));
    }
    assert.ok(await swap(beside, url));
  });

  test("whoever opened the old one and lost its connections meanwhile is told, not served by the new one", async () => {
    const url = await made(fresh(), "old");
    const beside = await made(await catalogBeside(url), "fresh");
    await using catalog = await opened(url);
    await catalog.outcome("old");
    const ended = `SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l WHERE l.locktype = 'advisory'
      AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('holdfast open ${schemaOf(url)}', 0)`;
    assert.equal((await ask(url, ended)).length, 1);
    assert.ok(await swapPostgresCatalog(beside, url, realWorld, 5000));
    await refused("CATALOG_UNREACHABLE", catalog.outcome("old"));
    await refused("CATALOG_UNREACHABLE", catalog.recordOutcome("late", model, versionId(1)));
    assert.equal(await knows(url, "late"), false);
  });

  test("what is no catalog is not put in place of one, and nothing of somebody else is taken away", async () => {
    const url = await made(fresh(), "old");
    await refused("CATALOG_UNREACHABLE", swap(await catalogBeside(url), url));
    const theirs = fresh();
    await ask(theirs, `CREATE SCHEMA "${schemaOf(theirs)}"; CREATE TABLE "${schemaOf(theirs)}".theirs (x integer)`);
    await refused("CONFIG_INVALID", swap(await made(await catalogBeside(theirs), "fresh"), theirs));
    await refused("CONFIG_INVALID", discardCatalog(theirs, realWorld));
    await refused("CONFIG_INVALID", swap(url, url));
    await refused("CONFIG_INVALID", swapCatalog(url, "sqlite:/nowhere", realWorld));
    assert.ok(await knows(url, "old"));
  });

  test("what was not finished is discarded, and so is nothing", async () => {
    const url = await made(fresh(), "half");
    assert.equal(await catalogIsThere(url, realWorld), true);
    for (let n = 0; n < 2; n++) await discardCatalog(url, realWorld);
    assert.equal(await catalogIsThere(url, realWorld), false);
  });
});
