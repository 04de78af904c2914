/** Moves of refs as they come: each once and in order, whatever was not heard of them. */
import type { ModelName, RefName, VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { followChanges } from "../places/catalog/index.ts";
import { hearing } from "../places/coordinate/index.ts";

export interface SeenMove {
  /** Of the ref log of the store: who was away goes on behind it. */
  readonly sequence: number;
  readonly model: ModelName;
  readonly ref: RefName;
  /** Undefined where the ref was removed. */
  readonly version: VersionId | undefined;
  /** Undefined where the ref was made. */
  readonly previous: VersionId | undefined;
  /** Milliseconds since 1970, by the catalog's clock. */
  readonly at: number;
  /** The same by the clock of this machine, when it was seen here. */
  readonly seenAt: number;
}

export interface WatchRequest {
  /** Undefined: all. */
  readonly model: ModelName | undefined;
  readonly ref: RefName | undefined;
  /** The number after which to begin. */
  readonly after: number;
}

/** Goes on for as long as the signal lets it. Throws CANCELLED, and CATALOG_UNREACHABLE when the catalog stays away. */
export async function* watchRefs(engine: Engine, { model, ref, after }: WatchRequest, signal: AbortSignal): AsyncGenerator<SeenMove, void> {
  const { catalog, coordination, world } = engine;
  using ear = hearing(catalog, coordination.coordinator.events);
  const feed = { changes: catalog.changes.bind(catalog), changed: ear.changed };
  for await (const { sequence, from, to, at, ...entry } of followChanges(feed, after, signal))
    if ((model === undefined || entry.model === model) && (ref === undefined || entry.ref === ref))
      yield { sequence, model: entry.model, ref: entry.ref, version: to, previous: from, at, seenAt: world.now() };
}
