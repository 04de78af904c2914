/** A store that caches in the Redis Cluster that is up, under keys of its own: others may use the same servers. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { realWorld } from "../../src/core/world/index.ts";
import { clusterUrls } from "../../src/machine/redis/test-tools.ts";

export async function cacheInRedis(store: string, cluster: string): Promise<void> {
  const prefix = `show-${realWorld.id().slice(0, 12)}`;
  const urls = clusterUrls(cluster).map((each) => JSON.stringify(each));
  const tier = `  - { redis: [${urls.join(", ")}], mode: cluster, prefix: ${prefix} }`;
  await mkdir(store, { recursive: true });
  await writeFile(join(store, "holdfast.yaml"), `coordinate: "${cluster}?prefix=${prefix}"\ncache:\n${tier}\n`);
}
