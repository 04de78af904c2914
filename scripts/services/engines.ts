/** All engines, in the order in which they are told of. */
import { type Engine, EngineTrouble } from "./engine.ts";
import { hdfs } from "./hdfs.ts";
import { minio } from "./minio.ts";
import { postgres } from "./postgres.ts";
import { redisCluster } from "./redis-cluster.ts";
import { redisRing } from "./redis-ring.ts";
import { versity } from "./versity.ts";

export const engines: readonly Engine[] = [hdfs, minio, versity, postgres, redisCluster, redisRing];

/** Those with these names; all when none is named. */
export function enginesNamed(names: readonly string[]): readonly Engine[] {
  if (names.length === 0) return engines;
  return [...new Set(names)].map((name) => engineNamed(name) ?? unknown(name));
}

export function engineNamed(name: string): Engine | undefined {
  return engines.find((engine) => engine.name === name);
}

function unknown(name: string): never {
  throw new EngineTrouble(`there is no engine ${JSON.stringify(name)}; there are ${engines.map((engine) => engine.name).join(", ")}`);
}
