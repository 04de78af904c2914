/** What can be wrong with the database: absent, foreign, newer, denied, full, locked, a standby, cut off. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { main, model, refused, versionId, volume } from "../../../../test/catalog/bench.ts";
import { ask, dropAll, newUrl, schemaOf, server, withoutServer } from "../../../../test/catalog/postgres.ts";
import { type ErrorCode, HoldfastError } from "../../../core/errors.ts";
import { realWorld } from "../../../core/world/index.ts";
import type { Catalog } from "../catalog.ts";
import { openCatalog } from "../open.ts";
import { openPostgresCatalog } from "./driver.ts";

const urls: string[] = [];
const roles: string[] = [];
after(async () => {
  for (const url of urls) await dropAll(url);
  for (const role of roles) await ask(server, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
});

function fresh(more = ""): string {
  const url = newUrl(more);
  urls.push(url);
  return url;
}

const create = (url: string, waitMs = 5000) => openPostgresCatalog(url, realWorld, { create: true, waitMs });
const openOld = (url: string) => openPostgresCatalog(url, realWorld, { create: false, waitMs: 1000 });

/** The server's part of the URL changed, for what no schema can show. */
const at = (change: (server: URL) => void): string => {
  const url = new URL(server);
  change(url);
  return `${url}`;
};

async function advised(promise: Promise<unknown>, code: ErrorCode, advice: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof HoldfastError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.advice ?? "", advice);
    return true;
  });
}

const record = (catalog: Catalog, opId: string) => catalog.recordOutcome(opId, model, versionId(1));

describe("the database of a catalog", withoutServer, () => {
  test("a catalog that is not there is not made without being asked to", async () => {
    const url = fresh();
    await advised(openOld(url), "CATALOG_UNREACHABLE", /holdfast rebuild/);
    assert.deepEqual(await ask(url, `SELECT 1 FROM pg_namespace WHERE nspname = '${schemaOf(url)}'`), []);
  });

  test("a server or database that is not there is named, without the password", async () => {
    const nowhere = at((url) => {
      [url.username, url.password, url.port] = ["me", "secret", "1"];
    });
    await assert.rejects(
      openOld(nowhere),
      (error: HoldfastError) => error.code === "CATALOG_UNREACHABLE" && /:1/.test(error.message) && !/secret/.test(error.message),
    );
    const noDatabase = at((url) => {
      url.pathname = "/nobody_has_this";
    });
    await advised(openOld(noDatabase), "CATALOG_UNREACHABLE", /createdb/);
  });

  test("a user that the server does not know is denied", async () => {
    const stranger = at((url) => {
      [url.username, url.password] = ["nobody_has_this", "wrong"];
    });
    await refused("ACCESS_DENIED", openOld(stranger));
  });

  test("tables of another program are refused, and left as they are", async () => {
    const url = fresh();
    await ask(url, `CREATE SCHEMA "${schemaOf(url)}"; CREATE TABLE "${schemaOf(url)}".theirs (x integer)`);
    await refused("CONFIG_INVALID", create(url));
    assert.deepEqual(await ask(url, "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"), [{ relname: "theirs" }]);
  });

  test("an empty schema that somebody made for us is used", async () => {
    const url = fresh();
    await ask(url, `CREATE SCHEMA "${schemaOf(url)}"`);
    await using catalog = await create(url);
    await record(catalog, "op");
  });

  test("P12: a newer schema is refused at opening, and by a process that still runs", async () => {
    const url = fresh();
    await using running = await create(url);
    await ask(url, "UPDATE holdfast_catalog SET schema = 99");
    await advised(openOld(url), "STORE_UNSUPPORTED", /newest Holdfast/);
    await refused("STORE_UNSUPPORTED", record(running, "op"));
  });

  test("many that make the catalog at once make one", async () => {
    const url = fresh();
    const catalogs = await Promise.all(Array.from({ length: 6 }, () => create(url)));
    assert.equal(new Set(catalogs.map((catalog) => catalog.clusterId)).size, 1);
    for (const catalog of catalogs) await catalog[Symbol.asyncDispose]();
  });

  test("a rebuild gives the new catalog its cluster id", async () => {
    const url = fresh();
    await using made = await openCatalog(url, realWorld, { create: true, clusterId: "c".repeat(32) });
    await using again = await openCatalog(url, realWorld, { create: true, clusterId: "d".repeat(32) });
    assert.deepEqual([made.clusterId, again.clusterId], ["c".repeat(32), "c".repeat(32)]);
  });

  test("R3: a commit is acknowledged when it is durable, also where the default is not to wait for that", async () => {
    const url = fresh();
    const role = await newRole(url, "synchronous_commit = off");
    await using catalog = await create(role);
    await raiseOn(url, "outcome", "NEW.version = current_setting('synchronous_commit')");
    await record(catalog, "op");
    assert.equal((await catalog.outcome("op"))?.version, "on");
  });

  test("C5: a server that takes no writes is passed over, and the next host is asked", async () => {
    const url = fresh();
    await (await create(url))[Symbol.asyncDispose]();
    const { host } = new URL(server);
    const dead = url.replace(`@${host}`, `@127.0.0.1:1,${host}`);
    assert.notEqual(dead, url);
    await using alive = await openPostgresCatalog(dead, realWorld, { create: false, waitMs: 5000 });
    await record(alive, "op");
    const readOnly = await newRole(url, "default_transaction_read_only = on");
    await assert.rejects(openOld(readOnly), (error: HoldfastError) => error.code === "CATALOG_UNREACHABLE" && /standby/.test(error.message));
  });

  test("a user without rights is denied, and told what to grant", async () => {
    const url = fresh();
    const role = await newRole(url, "work_mem = '4MB'", "none");
    await advised(create(role), "ACCESS_DENIED", /grant/);
    await (await create(url))[Symbol.asyncDispose]();
    await refused("ACCESS_DENIED", openOld(role));
  });

  test("C6: a lock that stays is told after the wait, and the catalog works on", async () => {
    const url = fresh();
    await using holder = await create(url);
    await using catalog = await create(url, 100);
    let told: unknown;
    await holder.transaction(async () => {
      told = await record(catalog, "op").catch((error) => error);
    });
    assert.ok(told instanceof HoldfastError && told.code === "CATALOG_UNREACHABLE" && /locked/.test(told.message), String(told));
    await record(catalog, "op");
  });

  test("a call on the catalog from inside its transaction is told, not waited for", async () => {
    await using catalog = await create(fresh(), 100);
    const wrong = catalog.transaction(async () => {
      await record(catalog, "op");
    });
    await advised(wrong, "CATALOG_UNREACHABLE", /only the roles/);
    await record(catalog, "op");
  });

  test("more readers than connections take turns", async () => {
    const url = fresh("&connections=2");
    await using catalog = await create(url);
    const name = `holdfast readers ${schemaOf(url)}`;
    const answers = await Promise.all(Array.from({ length: 40 }, () => catalog.ref(model, main)));
    assert.equal(answers.length, 40);
    const [{ n } = { n: 0 }] = await ask<{ n: string }>(
      url,
      `SELECT count(*) AS n FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE l.locktype = 'advisory' AND a.application_name = 'holdfast'
         AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('holdfast open ${schemaOf(url)}', 0)`,
    );
    assert.ok(Number(n) >= 1 && Number(n) <= 2, `${n} connections of ${name}`);
  });

  const states: readonly (readonly [string, ErrorCode])[] = [
    ["53100", "VOLUME_FULL"],
    ["42501", "ACCESS_DENIED"],
    ["57014", "CATALOG_UNREACHABLE"],
    ["XX001", "CATALOG_CORRUPT"],
    ["58030", "CATALOG_UNREACHABLE"],
  ];
  for (const [state, code] of states)
    test(`D4, D15: SQLSTATE ${state} is ${code}, nothing is changed, and the catalog works on`, async () => {
      const url = fresh();
      await using catalog = await create(url);
      await raiseOn(url, "outcome", `RAISE EXCEPTION 'told' USING ERRCODE = '${state}'`);
      await refused(
        code,
        catalog.transaction(async (tx) => {
          await tx.openIntent("op", 1000);
          await record(tx as Catalog, "op");
        }),
      );
      assert.deepEqual(await catalog.openIntents(), []);
      await ask(url, "DROP TRIGGER raising ON outcome");
      await record(catalog, "op");
    });

  test("a text that the database cannot keep is the caller's to change", async () => {
    await using catalog = await create(fresh());
    await refused("ARGUMENT_INVALID", record(catalog, "nul \0 here"));
  });

  test("C2: a transaction that is undone for another's sake runs again", async () => {
    const url = fresh();
    await using catalog = await create(url);
    await ask(url, "CREATE SEQUENCE tries");
    await raiseOn(url, "outcome", "IF nextval('tries') < 3 THEN RAISE EXCEPTION 'told' USING ERRCODE = '40001'; END IF");
    let runs = 0;
    await catalog.transaction(async (tx) => {
      runs++;
      await tx.openIntent(`op ${runs}`, 60_000);
      await tx.recordOutcome("op", model, versionId(1));
    });
    assert.equal(runs, 3);
    assert.deepEqual((await catalog.openIntents()).map((intent) => intent.opId), ["op 3"]); // biome-ignore format: one line
  });

  test("tables that are not those of the schema's number are damage", async () => {
    const url = fresh();
    await using catalog = await create(url);
    await ask(url, "DROP TABLE outcome");
    await advised(record(catalog, "op"), "CATALOG_CORRUPT", /holdfast rebuild/);
    await ask(url, "DELETE FROM holdfast_catalog");
    await refused("CATALOG_CORRUPT", catalog.openIntent("op", 1000));
  });

  test("rows that name rows which are gone are problems of the tables", async () => {
    const url = fresh();
    await using catalog = await create(url);
    await catalog.setVolume({ name: volume("v1"), url: "/v1", id: "1".repeat(32), failureDomain: "a", weight: 1, state: "active" });
    assert.deepEqual(await catalog.tableProblems(), []);
    await ask(url, "ALTER TABLE replica DROP CONSTRAINT replica_object_fkey; INSERT INTO replica SELECT 7, id, 'good' FROM volume");
    assert.deepEqual(await catalog.tableProblems(), ["a row of replica names one of object that is not there"]);
  });
});

/** The URL for a role of its own, with a setting that comes with it. */
async function newRole(url: string, setting: string, grant: "all" | "none" = "all"): Promise<string> {
  const role = `${schemaOf(url)}_${roles.length}`;
  const database = new URL(server).pathname.slice(1);
  await ask(url, `CREATE ROLE ${role} LOGIN PASSWORD 'of a test'; ALTER ROLE ${role} SET ${setting}`);
  roles.push(role);
  if (grant === "all") await ask(url, `GRANT CREATE ON DATABASE ${database} TO ${role}`);
  return url.replace(/\/\/[^@]*@/, `//${role}:of%20a%20test@`);
}

async function raiseOn(url: string, table: string, statement: string): Promise<void> {
  await ask(url, `CREATE FUNCTION raising() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; RETURN NEW; END $$`);
  await ask(url, `CREATE TRIGGER raising BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION raising()`);
}
