/** Removes refs. What no ref reaches any more is kept until a collection: nothing is deleted here. */
import { fault } from "../core/errors.ts";
import { isVersionId, type RefName, type VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import type { Durability } from "../moves/replicate/index.ts";
import { type ModelAt, refOf, writeRefLog } from "../moves/versions/index.ts";
import { volumeFacts } from "../moves/volume-facts.ts";
import type { RefRow } from "../places/catalog/index.ts";

export interface RemoveResult {
  readonly refs: readonly { readonly ref: RefName; readonly version: VersionId }[];
}

/**
 * One ref where one is named, otherwise all refs of the model, together or not at all. Throws MODEL_MISSING, REF_MISSING,
 * ARGUMENT_INVALID for a version id, and REPLICAS_TOO_FEW when the removal could not be written beside the data.
 */
export async function removeRefs(engine: Engine, at: ModelAt, durability: Durability, signal: AbortSignal): Promise<RemoveResult> {
  const { catalog, world } = engine;
  const opId = world.id();
  const refs = await catalog.transaction(async (tx) => {
    const wanted = wantedOf(await tx.refs(at.model), at);
    for (const { model, ref, version } of wanted) await tx.move({ model, ref, expected: version, to: undefined, opId });
    return wanted;
  });
  await writeRefLog(engine, await volumeFacts(engine), durability, signal);
  return { refs: refs.map(({ ref, version }) => ({ ref, version })) };
}

function wantedOf(refs: readonly RefRow[], at: ModelAt): readonly RefRow[] {
  const { model, revision } = at;
  if (refs.length === 0) throw fault("MODEL_MISSING", `no model is named ${model}`, { advice: "See what is there with `holdfast ls`." });
  if (revision === undefined) return refs;
  if (isVersionId(revision))
    throw fault("ARGUMENT_INVALID", `${revision} is a version, and only refs can be removed`, {
      advice: "Remove the refs that reach it; a collection then removes the version.",
    });
  const ref = refOf(at);
  const found = refs.filter((row) => row.ref === ref);
  if (found.length > 0) return found;
  throw fault("REF_MISSING", `${model} has no ref ${ref}`, { advice: `It has ${refs.map((row) => row.ref).join(", ")}.` });
}
