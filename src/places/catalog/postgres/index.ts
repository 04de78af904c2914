/** PostgreSQL in the registry: a catalog is a schema of a database. */
import type { CatalogDriver } from "../catalog-driver.ts";
import { openPostgresCatalog } from "./driver.ts";
import { catalogFault } from "./faults.ts";
import { lookAt } from "./migrations.ts";
import { parsePlace, placeBeside } from "./place.ts";
import { apart, discardPostgresCatalog, swapPostgresCatalog } from "./swap.ts";

/** Someone waits for the answer to a command. */
const lookWaitMs = 10_000;

export const driver: CatalogDriver = {
  async isThere(url, world) {
    const place = parsePlace(url);
    try {
      return await apart(place, world, lookWaitMs, async (session) => !["nothing", "empty"].includes(String(await lookAt(session, place))));
    } catch (error) {
      throw catalogFault(error, place.label);
    }
  },
  open: openPostgresCatalog,
  besideOf: placeBeside,
  swap: swapPostgresCatalog,
  discard: discardPostgresCatalog,
};
