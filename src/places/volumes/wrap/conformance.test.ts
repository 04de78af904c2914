import { realWorld } from "../../../core/world/index.ts";
import { volumeConformance } from "../conformance.ts";
import type { Volume } from "../volume.ts";
import { deadline } from "./deadline.ts";
import { faulty } from "./fault.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { limit } from "./limit.ts";
import { measure, VolumeMeter } from "./measure.ts";
import { retry } from "./retry.ts";
import { plain } from "./test-tools.ts";

const noFaults: FaultPlan = { seed: 1, rules: [] };
const wrappers: Readonly<Record<string, (volume: Volume) => Volume>> = {
  retry: (volume) => retry(volume, { world: realWorld }),
  limit: (volume) => limit(volume),
  "limit, one at a time": (volume) => limit(volume, { operationsMax: 1, bytesMax: 1000 }),
  measure: (volume) => measure(volume, { world: realWorld, meter: new VolumeMeter() }),
  deadline: (volume) => deadline(volume, { world: realWorld }),
  fault: (volume) => faulty(volume, { plan: noFaults, world: realWorld }),
  all: (volume) => measure(retry(limit(deadline(volume, { world: realWorld })), { world: realWorld }), { world: realWorld, meter: new VolumeMeter() }),
};

for (const [title, wrap] of Object.entries(wrappers))
  volumeConformance(`${title}(memory)`, async () => ({ volume: wrap(plain()), dispose: async () => undefined }));
