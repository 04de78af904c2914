/** The registry: from the settings of a tier to its driver, loaded when the tier is first asked for. */

import type { Tier } from "./tier.ts";
import type { TierEnvironment, TierSettings } from "./tier-settings.ts";
import { sparing } from "./wrap/sparing.ts";

export async function openTier(settings: TierSettings, environment: TierEnvironment): Promise<Tier> {
  return sparing(await openBare(settings, environment), environment.world);
}

async function openBare(settings: TierSettings, environment: TierEnvironment): Promise<Tier> {
  switch (settings.kind) {
    case "memory":
      return (await import("./memory/index.ts")).driver.open(settings, environment);
    case "redis":
      return (await import("./redis/index.ts")).driver.open(settings, environment);
    case "disk":
      return (await import("./disk/index.ts")).driver.open(settings, environment);
  }
}
