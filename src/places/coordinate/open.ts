/** The registry: from a URL to its driver, loaded when a store is opened with it. */
import { fault } from "../../core/errors.ts";
import type { Coordinator, CoordinatorDriver, CoordinatorEnvironment } from "./coordinator.ts";
import { forgiving } from "./wrap/forgiving.ts";

const drivers: Readonly<Record<string, () => Promise<{ readonly driver: CoordinatorDriver }>>> = {
  embedded: () => import("./embedded/index.ts"),
  redis: () => import("./redis/index.ts"),
  rediss: () => import("./redis/index.ts"),
  "redis-cluster": () => import("./redis/index.ts"),
  "rediss-cluster": () => import("./redis/index.ts"),
};

/** Whether a driver takes URLs like this one. */
export function isCoordinateUrl(url: string): boolean {
  return Object.hasOwn(drivers, schemeOf(url));
}

/** Opens `embedded`, or Redis servers by their URL. Throws CONFIG_INVALID. */
export async function openCoordinator(url: string, environment: CoordinatorEnvironment): Promise<Coordinator> {
  const load = drivers[schemeOf(url)];
  if (!load)
    throw fault("CONFIG_INVALID", "coordination is by no driver that there is", { advice: "Write embedded, redis://HOST:PORT or redis-cluster://HOST:PORT." });
  return forgiving((await load()).driver.open(url, environment));
}

function schemeOf(url: string): string {
  return url.split(":", 1)[0] as string;
}
