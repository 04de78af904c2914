/** The tier over real servers: a Cluster, and a ring with one copy and with two. */
import { wantEngine } from "../../../../test/services/wanted.ts";
import { GiB } from "../../../core/units.ts";
import { clusterUrls, ringUrls } from "../../../machine/redis/test-tools.ts";
import { tierConformance } from "../conformance.ts";
import { testEnvironment } from "../test-tools.ts";
import type { RedisSettings } from "../tier-settings.ts";
import { sparing } from "../wrap/sparing.ts";
import { driver } from "./index.ts";
import { settingsFor } from "./test-tools.ts";

function conform(name: string, settings: () => RedisSettings, skip: string | false, wrapped = false): void {
  const open = async (one: RedisSettings) => {
    const environment = testEnvironment();
    const tier = await driver.open(one, environment);
    return wrapped ? sparing(tier, environment.world) : tier;
  };
  tierConformance(
    name,
    {
      pinBytesTooMany: 3 * GiB,
      async make() {
        const one = settings();
        const tier = await open(one);
        return {
          tier,
          again: () => open(one),
          async dispose() {
            await tier.clear(new AbortController().signal);
            await tier[Symbol.asyncDispose]();
          },
        };
      },
    },
    skip,
  );
}

const cluster = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
const ring = wantEngine("HOLDFAST_TEST_REDIS_RING");

conform("redis cluster", () => settingsFor({ urls: clusterUrls(cluster.url), mode: "cluster" }), cluster.skip);
conform("redis cluster, sparing", () => settingsFor({ urls: clusterUrls(cluster.url).slice(0, 1), mode: "cluster" }), cluster.skip, true);
conform("redis ring", () => settingsFor({ urls: ringUrls(ring.url) }), ring.skip);
conform("redis ring with two copies", () => settingsFor({ urls: ringUrls(ring.url), copies: 2 }), ring.skip);
