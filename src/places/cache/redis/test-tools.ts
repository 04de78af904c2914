/** What the tests of the Redis tier share. */
import { realWorld } from "../../../core/world/index.ts";
import type { RedisSettings } from "../tier-settings.ts";

/** Keys of its own for each: suites share the servers. */
export function settingsFor(more: Partial<RedisSettings> & Pick<RedisSettings, "urls">): RedisSettings {
  return { kind: "redis", name: "redis", mode: "ring", copies: 1, maxmemoryPolicy: "allkeys-lru", prefix: `test-${realWorld.id().slice(0, 12)}`, ...more };
}

/** `redis-cluster://a:1,b:2` */
export function clusterUrls(address: string): string[] {
  return address
    .replace("redis-cluster://", "")
    .split(",")
    .map((place) => `redis://${place}`);
}

/** `redis://a:1,redis://b:2` */
export function ringUrls(address: string): string[] {
  return address.split(",");
}
