/** Values on Redis or Valkey servers, shared by all that load: a Cluster, or standalone servers on a consistent-hash ring with copies. */
import type { RedisSettings, TierDriver } from "../tier-settings.ts";
import { RedisTier } from "./driver.ts";

export const driver: TierDriver<RedisSettings> = {
  open: async (settings, environment) => new RedisTier(settings, environment),
};
