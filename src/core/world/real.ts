import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fault } from "../errors.ts";
import type { World } from "./world.ts";

export const realWorld: World = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  random: () => Math.random(),
  id: () => randomBytes(16).toString("hex"),
  async sleep(ms, signal) {
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      throw fault("CANCELLED", "cancelled while waiting", { cause: error });
    }
  },
};
