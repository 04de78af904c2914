/** Values in the memory of the process, decoded from where they lie. Gone with the process: for programs that live long. */
import type { MemorySettings, TierDriver } from "../tier-settings.ts";
import { MemoryTier } from "./driver.ts";

export const driver: TierDriver<MemorySettings> = {
  open: async (settings, environment) => new MemoryTier(settings, environment),
};
