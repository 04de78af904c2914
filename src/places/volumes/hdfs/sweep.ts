/** What killed writers left under `tmp`, taken away when the volume is opened. */
import { inOwnTime } from "../own-time.ts";
import { isTemporaryName, temporaryFolder, temporaryPath } from "./layout.ts";
import type { Reach } from "./reach.ts";
import { entriesIn } from "./walk.ts";

/** No write takes as long as that: a living writer's folder is younger, since every file that comes or goes makes it so. */
const ageMsMax = 24 * 3600 * 1000;
/** Looked at when a volume is opened: the rest waits for the next time. */
const looksMax = 1000;
const removalsMax = 100;

/** Best effort: a NameNode in safe mode, or a user who may only read, keeps nobody from opening the volume. */
export async function sweepTemporaries(reach: Reach): Promise<void> {
  await inOwnTime(reach.world, (signal) => sweep(reach, signal));
}

/** Age is by the clock of the NameNode, which also says when something was last changed. */
async function sweep(reach: Reach, signal: AbortSignal): Promise<void> {
  const beforeMs = (await reach.names.clock(reach.place.root, signal)) - ageMsMax;
  let [looked, removed] = [0, 0];
  for await (const { name, modifiedMs } of entriesIn(reach, temporaryFolder, undefined, signal)) {
    if (++looked > looksMax || removed === removalsMax) break;
    if (!isTemporaryName(name) || modifiedMs >= beforeMs) continue;
    if (await reach.names.remove(temporaryPath(reach.place.root, name), true, signal)) removed++;
  }
}
