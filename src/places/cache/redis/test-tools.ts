/** What the tests of the Redis tier share. */
import { realWorld } from "../../../core/world/index.ts";
import type { RedisSettings } from "../tier-settings.ts";

/** Keys of its own for each: suites share the servers. */
export function settingsFor(more: Partial<RedisSettings> & Pick<RedisSettings, "urls">): RedisSettings {
  return { kind: "redis", name: "redis", mode: "ring", copies: 1, maxmemoryPolicy: "allkeys-lru", prefix: `test-${realWorld.id().slice(0, 12)}`, ...more };
}
