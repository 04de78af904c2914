/** Points a ref at a version. The move is in the catalog's transaction and beside the data before it is reported. */
import type { RefName, VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import type { Durability } from "../moves/replicate/index.ts";
import { type ModelAt, resolveVersion, writeRefLog } from "../moves/versions/index.ts";
import { volumeFacts } from "../moves/volume-facts.ts";

export interface TagResult {
  readonly ref: RefName;
  readonly version: VersionId;
  /** What the ref was before; undefined where it was not. */
  readonly previous: VersionId | undefined;
}

/** Throws MODEL_MISSING, REF_MISSING; REF_CONFLICT when the ref moved meanwhile; REPLICAS_TOO_FEW. */
export async function tag(engine: Engine, at: ModelAt, ref: RefName, durability: Durability, signal: AbortSignal): Promise<TagResult> {
  const { catalog, world } = engine;
  const { id } = await resolveVersion(catalog, at);
  const previous = await catalog.ref(at.model, ref);
  if (previous !== id) await catalog.move({ model: at.model, ref, expected: previous, to: id, opId: world.id() });
  await writeRefLog(engine, await volumeFacts(engine), durability, signal);
  return { ref, version: id, previous };
}
