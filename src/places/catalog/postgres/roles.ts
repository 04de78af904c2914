/** All roles over one runner: the catalog itself, or the inside of a transaction. */
import type { Roles } from "../catalog.ts";
import { chunkIndex } from "./chunks.ts";
import { collector } from "./collector.ts";
import type { Runner } from "./engine.ts";
import { inspection } from "./inspection.ts";
import { intents } from "./intents.ts";
import { objectLedger } from "./objects.ts";
import { refBook } from "./refs.ts";
import { replicaLedger } from "./replicas.ts";
import { restorer } from "./restorer.ts";
import { versionBook } from "./versions.ts";
import { volumeBook } from "./volumes.ts";

export function rolesOver(runner: Runner): Roles {
  return {
    ...refBook(runner),
    ...versionBook(runner),
    ...chunkIndex(runner),
    ...objectLedger(runner),
    ...replicaLedger(runner),
    ...volumeBook(runner),
    ...intents(runner),
    ...collector(runner),
    ...restorer(runner),
    ...inspection(runner),
    now: () => runner.read((session) => session.now()),
  };
}
