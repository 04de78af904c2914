/** Connections that break at the worst moments, through a proxy before the real server: what happened once is told once. */
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import { main, model, ref, refused, versionId } from "../../../../test/catalog/bench.ts";
import { ask, dropAll, newUrl, server, withoutServer } from "../../../../test/catalog/postgres.ts";
import { LineCutter, type Verdict } from "../../../../test/lines/line-cutter.ts";
import { realWorld, type World } from "../../../core/world/index.ts";
import type { Catalog, Roles } from "../catalog.ts";
import { followChanges } from "../follow.ts";
import { openPostgresCatalog } from "./driver.ts";

const never = new AbortController().signal;

/** At the n-th message with the word, once. */
function once(word: RegExp, verdict: Verdict, nth = 1): (message: string) => Verdict {
  let seen = 0;
  return (message) => (word.test(message) && ++seen === nth ? verdict : "pass");
}

/** The message that commits, which also begins with what a transaction leaves behind. */
const commit = /; *COMMIT/;

describe("a catalog in PostgreSQL whose connections break", withoutServer, () => {
  const url = newUrl();
  let proxy: LineCutter;
  let catalog: Catalog;

  beforeEach(async () => {
    proxy = await LineCutter.before(server);
    catalog = await openPostgresCatalog(proxy.through(url), realWorld, { create: true, waitMs: 5000 });
  });
  afterEach(async () => {
    await catalog[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await dropAll(url);
  });
  after(() => dropAll(url));

  /** Two intents in one transaction, so that half of it would show. */
  async function write(word: RegExp, verdict: Verdict): Promise<number> {
    let runs = 0;
    proxy.judge = once(word, verdict);
    await catalog.transaction(async (tx: Roles) => {
      runs++;
      await tx.openIntent("a", 60_000);
      await tx.openIntent("b", 60_000);
      // A second try under the same op id would take the place of the first: the outcome is what must be there once.
      await tx.recordOutcome(`run ${runs}`, model, versionId(1));
    });
    proxy.judge = () => "pass";
    return runs;
  }

  const outcomes = async (): Promise<string[]> => (await ask<{ op_id: string }>(url, "SELECT op_id FROM outcome ORDER BY op_id")).map((row) => row.op_id);

  test("C1, P4: the answer to a commit is lost: it is found, and the work is not done again", async () => {
    assert.equal(await write(commit, "arrives"), 1);
    assert.deepEqual(await outcomes(), ["run 1"]);
    assert.equal((await catalog.openIntents()).length, 2);
  });

  test("C1, P4: a commit does not arrive: nothing of it is there, and the work is done again", async () => {
    assert.equal(await write(commit, "lost"), 2);
    assert.deepEqual(await outcomes(), ["run 2"]);
    assert.equal((await catalog.openIntents()).length, 2);
  });

  for (const [moment, word] of [
    ["at its begin", /BEGIN ISOLATION/],
    ["between two steps", /RELEASE SAVEPOINT step/],
    ["in a step", /INTO outcome/],
  ] as const)
    for (const verdict of ["lost", "arrives"] as const)
      test(`a transaction that is cut ${moment} (the message ${verdict}) is done again from its start`, async () => {
        const runs = await write(word, verdict);
        assert.equal(runs, moment === "at its begin" ? 1 : 2);
        assert.deepEqual(await outcomes(), [`run ${runs}`]);
      });

  test("a commit that arrives twice over a line that breaks twice is still found", async () => {
    let cuts = 0;
    proxy.judge = (message) => ((commit.test(message) || /SELECT mark/.test(message)) && ++cuts <= 2 ? "arrives" : "pass");
    let runs = 0;
    await catalog.transaction(async (tx) => tx.recordOutcome(`run ${++runs}`, model, versionId(1)));
    assert.deepEqual([runs, await outcomes()], [1, ["run 1"]]);
  });

  test("C1: while nobody can tell the outcome, nobody claims one", async () => {
    let cut = false;
    proxy.judge = (message) => {
      if (cut) return "lost";
      cut = commit.test(message);
      return cut ? "arrives" : "pass";
    };
    await catalog[Symbol.asyncDispose]();
    cut = false;
    const impatient = await openPostgresCatalog(proxy.through(url), realWorld, { create: false, waitMs: 200 });
    await assert.rejects(impatient.recordOutcome("op", model, versionId(1)), { code: "CATALOG_UNREACHABLE", message: /not known/ });
    proxy.judge = () => "pass";
    await ask(url, "SELECT 1 FROM holdfast_catalog FOR UPDATE"); // the commit is on its way: whoever writes waits for it
    assert.deepEqual(await impatient.outcome("op"), { model, version: versionId(1) });
    await impatient.recordOutcome("op", model, versionId(1));
    await impatient[Symbol.asyncDispose]();
  });

  test("an error of the work itself is not tried again, whatever it is called", async () => {
    let runs = 0;
    const mine = Object.assign(new Error("mine"), { code: "ECONNRESET" });
    await assert.rejects(
      catalog.transaction(async () => {
        runs++;
        throw mine;
      }),
      (error) => error === mine,
    );
    assert.equal(runs, 1);
  });

  test("a reader whose connection is cut reads on another one", async () => {
    proxy.judge = once(/FROM ref WHERE/, "arrives");
    assert.equal(await catalog.ref(model, main), undefined);
    proxy.cutAll();
    assert.equal(await catalog.ref(model, main), undefined);
  });

  test("a database that stays away is told after the wait, and asked again when it is back", async () => {
    const away = await LineCutter.before(server);
    const impatient = await openPostgresCatalog(away.through(url), realWorld, { create: false, waitMs: 200 });
    away.judge = () => "lost";
    away.cutAll();
    await refused("CATALOG_UNREACHABLE", impatient.ref(model, main));
    await refused("CATALOG_UNREACHABLE", impatient.recordOutcome("op", model, versionId(1)));
    away.judge = () => "pass";
    await impatient.recordOutcome("op", model, versionId(1));
    await impatient[Symbol.asyncDispose]();
    await away[Symbol.asyncDispose]();
  });

  test("a server that says nothing any more is left after its time, and what it was asked is asked again", async () => {
    const limits = { shortMs: 2000, longMs: 2000 };
    await using patient = await openPostgresCatalog(proxy.through(url), realWorld, { create: false, limits });
    for (const word of [/FROM ref WHERE/, /BEGIN ISOLATION/, commit]) {
      proxy.judge = once(word, "silence");
      assert.equal(await patient.ref(model, main), undefined);
      await patient.recordOutcome(`after ${word}`, model, versionId(1));
    }
    assert.equal((await outcomes()).length, 3);
  });

  test("a follower hears of a move without waiting its time out", { timeout: 30_000 }, async () => {
    const world: World = { ...realWorld, sleep: (_ms, signal) => realWorld.sleep(2 ** 30, signal) };
    const listening = await openPostgresCatalog(proxy.through(url), world, { create: false, waitMs: 5000 });
    await made(catalog, "a");
    const feed = followChanges(listening, 0, never);
    assert.equal((await feed.next()).value.sequence, 1);
    for (const sequence of [2, 3]) {
      const next = feed.next();
      await made(catalog, `r${sequence}`);
      assert.equal((await next).value.sequence, sequence);
    }
    await feed.return(undefined as never);
    await listening[Symbol.asyncDispose]();
  });
});

async function made(catalog: Catalog, name: string): Promise<void> {
  await catalog.transaction(async (tx) => {
    const intent = await tx.openIntent(name, 60_000);
    const digest = "d".repeat(64) as never;
    const { id } = await tx.reserve(intent, { kind: "manifest", domain: "ns" as never, digest, bytes: 1, replicasWanted: 1, volumes: [] });
    await tx.publish(intent, id, [], []);
    await tx.addVersion({ model, id: versionId(name), parent: undefined, message: "", files: 1, bytes: 1, manifest: id }, []);
    await tx.move({ model, ref: ref(name), expected: undefined, to: versionId(name), opId: name });
  });
}
