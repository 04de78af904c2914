/**
 * Every object that the ledger knows to be in need, brought back to its replicas from verified bytes; and lines of the ref log that
 * a killed push left in the catalog alone, onto the volumes.
 */
import { type HoldfastError, isFault } from "../core/errors.ts";
import type { VolumeName } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { type Durability, type RepairedObject, repairObject } from "../moves/replicate/index.ts";
import { type Damage, eachLimited } from "../moves/transfer/index.ts";
import { objectsInNeed } from "../moves/upkeep/index.ts";
import { writeRefLog } from "../moves/versions/index.ts";
import { volumeFacts } from "../moves/volume-facts.ts";
import type { ObjectId, ObjectRow } from "../places/catalog/index.ts";
import type { Progress } from "./progress.ts";

export interface RepairReport {
  /** Objects that needed repair. */
  readonly checked: number;
  /** Replicas that are good again or new. */
  readonly repaired: number;
  /** Bytes written. */
  readonly bytes: number;
  /** Objects that do not have all their replicas yet. */
  readonly failed: number;
  /** Why, for the first of them. */
  readonly problems: readonly string[];
}

/** Each holds one object in memory. */
const repairsInFlight = 2;
const problemsMax = 20;

/** `durability` is for lines of the ref log; objects know what they want. */
export async function repair(engine: Engine, durability: Durability, progress: Progress, signal: AbortSignal): Promise<RepairReport> {
  await writeRefLog(engine, await volumeFacts(engine), durability, signal);
  const report = { checked: 0, repaired: 0, bytes: 0, failed: 0, problems: [] as string[] };
  await eachLimited(objectsInNeed(engine), repairsInFlight, async (object) => {
    report.checked++;
    const problem = await repairOne(engine, object, signal, ({ written }) => {
      report.repaired += written.length;
      report.bytes += written.length * object.bytes;
    });
    if (problem) {
      report.failed++;
      if (report.problems.length < problemsMax) report.problems.push(problem.message);
    }
    progress({ step: "repairing", bytes: report.bytes, total: 0 });
  });
  return report;
}

/** Returns why the object is not as it should be; one that cannot be repaired now does not keep the others from it. */
async function repairOne(engine: Engine, object: ObjectRow, signal: AbortSignal, done: (repaired: RepairedObject) => void): Promise<HoldfastError | undefined> {
  try {
    const repaired = await repairObject(engine, object, signal);
    done(repaired);
    return repaired.failures.find((error) => isFault(error));
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return error;
  }
}

/**
 * Mends what turned out damaged or missing while it was read. Each such replica is read again before it is judged: a transfer may have been
 * at fault. Returns how many replicas were written; an object that cannot be repaired now is left to `repair`.
 */
export async function repairDamage(engine: Engine, damages: readonly Damage[], signal: AbortSignal): Promise<number> {
  const byObject = Map.groupBy(damages, (damage) => damage.object);
  let mended = 0;
  for (const object of await engine.catalog.objects([...byObject.keys()])) mended += await mend(engine, object, doubtedOf(byObject, object.id), signal);
  return mended;
}

function doubtedOf(byObject: ReadonlyMap<ObjectId, readonly Damage[]>, object: ObjectId): ReadonlySet<VolumeName> {
  return new Set(byObject.get(object)?.map((damage) => damage.volume));
}

async function mend(engine: Engine, object: ObjectRow, doubted: ReadonlySet<VolumeName>, signal: AbortSignal): Promise<number> {
  try {
    return (await repairObject(engine, object, signal, doubted)).written.length;
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return 0;
  }
}
