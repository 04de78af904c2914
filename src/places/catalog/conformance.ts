/**
 * The contract of a catalog, role by role: what every driver runs. The cases lie under test/catalog, one file for each role; races
 * (G1–G3, C10, C11, C20), crashes and several processes at once are part of it.
 */
import { describe, test } from "node:test";
import { Bench, type Cases, type CatalogPlace } from "../../../test/catalog/bench.ts";
import { changeCases } from "../../../test/catalog/changes.ts";
import { chunkCases } from "../../../test/catalog/chunks.ts";
import { collectorCases } from "../../../test/catalog/collector.ts";
import { inspectionCases } from "../../../test/catalog/inspection.ts";
import { intentCases } from "../../../test/catalog/intents.ts";
import { objectCases } from "../../../test/catalog/objects.ts";
import { processCases } from "../../../test/catalog/processes.ts";
import { raceCases } from "../../../test/catalog/races/schedule.ts";
import { refCases } from "../../../test/catalog/refs.ts";
import { replicaCases } from "../../../test/catalog/replicas.ts";
import { restorerCases } from "../../../test/catalog/restorer.ts";
import { transactionCases } from "../../../test/catalog/transactions.ts";
import { versionCases } from "../../../test/catalog/versions.ts";
import { volumeCases } from "../../../test/catalog/volumes.ts";

const suites: Readonly<Record<string, Cases>> = {
  refs: refCases,
  changes: changeCases,
  versions: versionCases,
  chunks: chunkCases,
  objects: objectCases,
  replicas: replicaCases,
  volumes: volumeCases,
  intents: intentCases,
  collector: collectorCases,
  restorer: restorerCases,
  inspection: inspectionCases,
  transactions: transactionCases,
  processes: processCases,
  races: raceCases,
};

/** `makePlace` makes a new, empty place; the places live side by side. `options` can say why the suite cannot run here. */
export function catalogConformance(driver: string, makePlace: () => Promise<CatalogPlace>, options: { readonly skip?: string | false } = {}): void {
  for (const [role, cases] of Object.entries(suites))
    describe(`${driver} catalog: ${role}`, options, () => {
      for (const [name, run] of Object.entries(cases))
        test(name, async () => {
          await using bench = await Bench.make(makePlace);
          await run(bench);
        });
    });
}
