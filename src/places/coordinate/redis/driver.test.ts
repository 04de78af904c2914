/** The coordinator over real servers: a Cluster, and standalone ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wantEngine } from "../../../../test/services/wanted.ts";
import { realWorld } from "../../../core/world/index.ts";
import { coordinatorConformance } from "../conformance.ts";
import { forgiving } from "../wrap/forgiving.ts";
import { driver } from "./index.ts";
import { coordinatePlaceOf } from "./place.ts";
import { Servers } from "./servers.ts";

const cluster = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
const ring = wantEngine("HOLDFAST_TEST_REDIS_RING");
/** `redis://a:1,redis://b:2` */
const servers = ring.url.replaceAll(",redis://", ",");

const kinds = [
  ["redis cluster", cluster.url, cluster.skip],
  ["redis servers", servers, ring.skip],
] as const;

for (const [name, url, skip] of kinds)
  for (const wrap of [undefined, forgiving])
    coordinatorConformance(
      wrap ? `${name}, forgiving` : name,
      async () => {
        const environment = { world: realWorld, clusterId: `test-${realWorld.id()}` };
        const [one, other] = [driver.open(url, environment), driver.open(url, environment)].map((each) => wrap?.(each) ?? each);
        if (!one || !other) throw new RangeError("there are two");
        return {
          one,
          other,
          async dispose() {
            await one[Symbol.asyncDispose]();
            await other[Symbol.asyncDispose]();
          },
        };
      },
      skip,
    );

for (const [name, url, skip] of kinds)
  test(`tokens grow also when ${name} forgot the last one`, { skip }, async () => {
    const clusterId = `test-${realWorld.id()}`;
    const never = new AbortController().signal;
    await using coordinator = driver.open(url, { world: realWorld, clusterId });
    using servers = new Servers(coordinatePlaceOf(url), realWorld);
    let last = 0;
    for (let round = 0; round < 3; round++) {
      const [held] = await coordinator.locks.take(["a"], 10_000, never);
      assert.ok(held && held.token > last, `${held?.token} after ${last}`);
      last = held.token;
      const [lock, token] = ["l", "t"].map((kind) => `holdfast:${clusterId}:${kind}:{a}`) as [string, string];
      assert.equal(await servers.ask(lock, ["DEL", lock, token]), 2);
    }
  });
