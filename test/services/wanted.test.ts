/** How engines that are up reach suites, and what becomes of suites whose engine is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Offer } from "../../scripts/services/offered.ts";
import { offerEngines } from "../../scripts/test/engines.ts";
import { wantEngine } from "./wanted.ts";

const variable = "HOLDFAST_TEST_POSTGRES";
const up: Offer = { engine: "postgres", variable, condition: "up", version: "18.4", ended: [], environment: { [variable]: "postgres://x", PGPASSWORD: "p" } };

test("a suite whose engine is not there is skipped with what to do, or fails where all are required", () => {
  assert.deepEqual(wantEngine(variable, { [variable]: "postgres://x" }), { url: "postgres://x", skip: false });
  assert.deepEqual(wantEngine(variable, {}), { url: "", skip: "postgres is not up: npm run services -- up postgres" });
  assert.throws(() => wantEngine(variable, { HOLDFAST_TEST_REQUIRE: "1" }), /postgres is not up/);
  assert.equal(wantEngine(variable, { [variable]: "postgres://x", HOLDFAST_TEST_REQUIRE: "1" }).skip, false);
});

test("an engine that is up is offered, with its password, and named", () => {
  const environment: NodeJS.ProcessEnv = { PGPASSWORD: "of another server" };
  assert.deepEqual(offerEngines(environment, [up]), ["postgres 18.4"]);
  assert.deepEqual(environment, { [variable]: "postgres://x", PGPASSWORD: "p" });
});

test("what somebody set is left as it is", () => {
  const environment: NodeJS.ProcessEnv = { [variable]: "postgres://mine", PGPASSWORD: "mine" };
  assert.deepEqual(offerEngines(environment, [up]), [`postgres: as ${variable} says`]);
  assert.deepEqual(environment, { [variable]: "postgres://mine", PGPASSWORD: "mine" });
});

test("an engine that is not wholly up is not offered, and that is said", () => {
  const environment: NodeJS.ProcessEnv = {};
  const partly: Offer = { ...up, condition: "partly up", ended: ["server"], environment: {} };
  const down: Offer = { ...up, condition: "down", version: "", environment: {} };
  assert.deepEqual(offerEngines(environment, [partly, down]), ["postgres 18.4: not used, since it is not wholly up (server ended)", "postgres: not up"]);
  assert.deepEqual(environment, {});
});
