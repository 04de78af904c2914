/**
 * Replicas brought to volumes that were added, or whose weight was raised, until each volume holds its share. Goes on where it stopped: what
 * is to be moved follows from where everything is. Two passes over the catalog, with a number for each volume in memory.
 */
import { isFault } from "../core/errors.ts";
import type { Engine } from "../moves/engine.ts";
import { type Holding, type Move, Rebalancing } from "../moves/placement/index.ts";
import { moveReplica } from "../moves/replicate/index.ts";
import { eachLimited } from "../moves/transfer/index.ts";
import { volumeFacts } from "../moves/volume-facts.ts";
import type { ObjectRow } from "../places/catalog/index.ts";
import type { Progress } from "./progress.ts";

export interface RebalanceRequest {
  /** Ends when so many bytes were moved; what is left is for the next time. */
  readonly bytesMax: number;
  /** Says what would be moved and moves nothing. */
  readonly dryRun: boolean;
}

export interface RebalanceReport {
  /** Objects looked at. */
  readonly checked: number;
  /** Replicas that have another volume now, or were one too many. */
  readonly moved: number;
  readonly bytes: number;
  /** Replicas that should have moved and could not. */
  readonly failed: number;
  /** What still lies on volumes above their shares. Some may have to: failure domains are kept apart first. */
  readonly overBytes: number;
  /** Why, for the first of them. */
  readonly problems: readonly string[];
}

/** Each holds one object in memory. */
const movesInFlight = 2;
const objectsAtOnce = 500;
const problemsMax = 20;

interface Held {
  readonly object: ObjectRow;
  readonly holding: Holding;
}

export async function rebalance(engine: Engine, request: RebalanceRequest, progress: Progress, signal: AbortSignal): Promise<RebalanceReport> {
  engine.volumes.setRows(await engine.catalog.volumes());
  const rebalancing = new Rebalancing(await volumeFacts(engine));
  for await (const { holding } of holdings(engine)) rebalancing.count(holding);
  rebalancing.settle();
  const report = { checked: 0, moved: 0, bytes: 0, failed: 0, problems: [] as string[] };
  const total = rebalancing.overBytes;
  await eachLimited(movesIn(engine, rebalancing, request, report), movesInFlight, async ({ object, move }) => {
    const problem = request.dryRun ? undefined : await problemWithMove(engine, object, move, signal);
    if (problem === undefined) report.moved++;
    else {
      report.failed++;
      report.bytes -= object.bytes;
      rebalancing.undo(move, object.bytes);
      if (report.problems.length < problemsMax) report.problems.push(problem);
    }
    progress({ step: "rebalancing", bytes: Math.min(report.bytes, total), total });
  });
  return { ...report, overBytes: rebalancing.overBytes };
}

/** Objects whose replicas are all good; the others are for a repair first. */
async function* holdings(engine: Engine): AsyncGenerator<Held> {
  for (let page = await engine.catalog.objectsAfter(undefined, ["present"], objectsAtOnce); page.length > 0; ) {
    const replicas = Map.groupBy(await engine.catalog.replicas(page.map(({ id }) => id)), ({ object }) => object);
    for (const object of page) {
      const ofObject = (replicas.get(object.id) ?? []).filter(({ state }) => state !== "intended");
      if (ofObject.some(({ state }) => state !== "good")) continue;
      const on = ofObject.map(({ volume }) => volume);
      yield { object, holding: { key: object.digest, bytes: object.bytes, replicasWanted: object.replicasWanted, on } };
    }
    page = await engine.catalog.objectsAfter(page.at(-1)?.id, ["present"], objectsAtOnce);
  }
}

async function* movesIn(
  engine: Engine,
  rebalancing: Rebalancing,
  { bytesMax }: RebalanceRequest,
  report: { checked: number; bytes: number },
): AsyncGenerator<{ readonly object: ObjectRow; readonly move: Move }> {
  for await (const { object, holding } of holdings(engine)) {
    report.checked++;
    const move = report.bytes + object.bytes <= bytesMax ? rebalancing.moveOf(holding) : undefined;
    if (!move) continue;
    report.bytes += object.bytes;
    yield { object, move };
  }
}

async function problemWithMove(engine: Engine, object: ObjectRow, move: Move, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await moveReplica(engine, object, move, signal)) ? undefined : `${object.kind} ${object.digest} stays on ${move.from}: it is needed there`;
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return error.message;
  }
}
