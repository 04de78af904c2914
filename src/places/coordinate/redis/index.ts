/** Coordination through Redis or Valkey servers: a Cluster, or standalone ones of which each name has its own. */
import type { CoordinatorDriver } from "../coordinator.ts";
import { RedisCoordinator } from "./driver.ts";

export const driver: CoordinatorDriver = { open: (url, environment) => new RedisCoordinator(url, environment) };
