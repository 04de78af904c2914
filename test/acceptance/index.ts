/**
 * What the product must show, each a check that anyone can run: `npm run acceptance -- NN`. They drive the command in temporary folders;
 * figures of speed are bench's. `npm test` runs each of them small (test/e2e).
 */
import { roundTrip } from "./02-round-trip.ts";
import { strategies } from "./03-strategies.ts";
import { kills } from "./04-kills.ts";
import { rebuild } from "./05-rebuild.ts";
import { bitFlips } from "./06-bit-flips.ts";
import { collectUnderLoad } from "./07-collect-under-load.ts";
import { memory } from "./10-memory.ts";
import { rank } from "./11-rank.ts";
import { hostile } from "./12-hostile.ts";
import { hdfsFailover } from "./hdfs-failover.ts";
import { hdfsFaults } from "./hdfs-faults.ts";
import { mixedPools } from "./mixed-pools.ts";
import { oneFiller } from "./one-filler.ts";
import { operate } from "./operate.ts";
import type { Show } from "./place.ts";
import { postgresKills } from "./postgres-kills.ts";
import { propagation } from "./propagation.ts";
import { redisKills } from "./redis-kills.ts";
import { s3Faults } from "./s3-faults.ts";
import { slowReplica } from "./slow-replica.ts";

/** By number, in order; those of an engine by its name, behind them. */
export const shows: ReadonlyMap<string, Show> = new Map(
  Object.entries({
    "02": roundTrip,
    "03": strategies,
    "04": kills,
    "05": rebuild,
    "06": bitFlips,
    "07": collectUnderLoad,
    "10": memory,
    "11": rank,
    "12": hostile,
    "hdfs-failover": hdfsFailover,
    "hdfs-faults": hdfsFaults,
    "mixed-pools": mixedPools,
    "one-filler": oneFiller,
    operate,
    "postgres-kills": postgresKills,
    propagation: propagation,
    "redis-kills": redisKills,
    "s3-faults": s3Faults,
    "slow-replica": slowReplica,
  }).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, Show][],
);
