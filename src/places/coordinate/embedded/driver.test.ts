import { realWorld } from "../../../core/world/index.ts";
import { coordinatorConformance } from "../conformance.ts";
import { forgiving } from "../wrap/forgiving.ts";
import { driver } from "./index.ts";

for (const [name, wrap] of [
  ["embedded", (one) => one],
  ["embedded, forgiving", forgiving],
] as const satisfies [string, typeof forgiving][])
  coordinatorConformance(name, async () => {
    const one = wrap(driver.open("embedded", { world: realWorld, clusterId: realWorld.id() }));
    return { one, other: one, dispose: async () => one[Symbol.asyncDispose]() };
  });
