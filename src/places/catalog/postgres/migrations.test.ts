import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ask, dropAll, newUrl, withoutServer } from "../../../../test/catalog/postgres.ts";
import { realWorld } from "../../../core/world/index.ts";
import { connect } from "./connect.ts";
import { statementLimits } from "./driver.ts";
import { lookAt, type Migration, migrate, migrations } from "./migrations.ts";
import { type PostgresPlace, parsePlace } from "./place.ts";
import type { Session } from "./session.ts";

const never = new AbortController().signal;
const made = { clusterId: "c".repeat(32), incarnation: "i".repeat(32) };

describe("migrations of a catalog in PostgreSQL", withoutServer, () => {
  let url = "";
  let place: PostgresPlace;
  let session: Session;
  beforeEach(async () => {
    url = newUrl();
    place = parsePlace(url);
    session = await connect({ place, world: realWorld, clock: "database", waitMs: 2000, limits: statementLimits }, never);
  });
  afterEach(async () => {
    await session.close();
    await dropAll(url);
  });

  const tables = async () =>
    (await ask<{ name: string }>(url, "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")).map((row) => row.name);
  const more: Migration = (on) => on.script("CREATE TABLE more (x integer)");
  const half: Migration = async (on) => {
    await on.script("CREATE TABLE half (x integer)");
    throw new Error("power");
  };

  test("P12: a step that fails leaves the schema before all of them, and can be tried again", async () => {
    await migrate(session, place, made);
    const before = await tables();
    await assert.rejects(migrate(session, place, made, [...migrations, more, half]), /power/);
    assert.deepEqual([await lookAt(session, place), await tables()], [1, before]);
    await migrate(session, place, made, [...migrations, more]);
    assert.deepEqual([await lookAt(session, place), (await tables()).includes("more")], [2, true]);
  });

  test("P12: a first step that fails leaves no schema at all", async () => {
    await assert.rejects(migrate(session, place, made, [half]), /power/);
    assert.equal(await lookAt(session, place), "nothing");
  });

  test("of several that come at once one takes each step", async () => {
    const others = await Promise.all(
      [1, 2, 3].map(() => connect({ place, world: realWorld, clock: "database", waitMs: 5000, limits: statementLimits }, never)),
    );
    await Promise.all([session, ...others].map((one) => migrate(one, place, made, [...migrations, more])));
    assert.equal(await lookAt(session, place), 2);
    for (const one of others) await one.close();
  });
});
