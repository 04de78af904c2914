/** Values as files of a folder: they survive restarts, and the processes of a machine share them. */
import type { DiskSettings, TierDriver } from "../tier-settings.ts";
import { DiskTier } from "./driver.ts";

export const driver: TierDriver<DiskSettings> = {
  open: async (settings, environment) => new DiskTier(settings, environment),
};
