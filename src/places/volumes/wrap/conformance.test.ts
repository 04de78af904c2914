import { realWorld } from "../../../core/world/index.ts";
import { volumeConformance } from "../conformance.ts";
import { VolumeHealth } from "../health.ts";
import type { Volume } from "../volume.ts";
import { breaker, insisting } from "./breaker.ts";
import { deadline } from "./deadline.ts";
import { faulty } from "./fault.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { limit } from "./limit.ts";
import { measure } from "./measure.ts";
import { retry } from "./retry.ts";
import { plain } from "./test-tools.ts";

const health = (): VolumeHealth => new VolumeHealth(realWorld);
const noFaults: FaultPlan = { seed: 1, rules: [] };
const wrappers: Readonly<Record<string, (volume: Volume) => Volume>> = {
  retry: (volume) => retry(volume, { world: realWorld }),
  limit: (volume) => limit(volume),
  "limit, one at a time": (volume) => limit(volume, { operationsMax: 1, bytesMax: 1000 }),
  measure: (volume) => measure(volume, { world: realWorld, ...health() }),
  breaker: (volume) => breaker(volume, { world: realWorld, health: health() }),
  "behind the breaker": (volume) => insisting(breaker(volume, { world: realWorld, health: health() })),
  deadline: (volume) => deadline(volume, { world: realWorld }),
  fault: (volume) => faulty(volume, { plan: noFaults, world: realWorld }),
  all(volume) {
    const measured = measure(retry(limit(deadline(volume, { world: realWorld })), { world: realWorld }), { world: realWorld, ...health() });
    return breaker(measured, { world: realWorld, health: health() });
  },
};

for (const [title, wrap] of Object.entries(wrappers))
  volumeConformance(`${title}(memory)`, async () => ({ volume: wrap(plain()), dispose: async () => undefined }));
