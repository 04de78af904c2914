/** From what people write (`namespace/name@ref`) to a version. */
import { fault } from "../../core/errors.ts";
import { defaultRef, isVersionId, type ModelName, parseModelName, parseRefName, type RefName } from "../../core/names.ts";
import type { Catalog, VersionRow } from "../../places/catalog/index.ts";

export interface ModelAt {
  readonly model: ModelName;
  /** A ref, a version id, or the first digits of one, with `~n` behind it for the n-th before; undefined where nothing was written behind the model. */
  readonly revision: string | undefined;
}

/** `model`, `namespace/name`, `…@ref`, `…@version`. Throws NAME_INVALID. */
export function parseModelAt(text: string): ModelAt {
  const at = text.indexOf("@");
  if (at === -1) return { model: parseModelName(text), revision: undefined };
  return { model: parseModelName(text.slice(0, at)), revision: text.slice(at + 1) };
}

/** The ref that is written to: `main` where none is named. A version id is not one. */
export function refOf({ revision }: ModelAt): RefName {
  return revision === undefined ? defaultRef : parseRefName(revision);
}

const shortIdDigitsMin = 6;

/** `main~2`: the second before what `main` is. */
const ancestor = /^(.*)~(\d{1,6})$/;

/** Throws MODEL_MISSING, REF_MISSING, and NAME_INVALID for digits that begin several ids. */
export async function resolveVersion(catalog: Catalog, at: ModelAt): Promise<VersionRow> {
  const [, of, steps] = ancestor.exec(at.revision ?? "") ?? [];
  if (of === undefined) return resolveNamed(catalog, at.model, at.revision ?? defaultRef);
  const from = await resolveNamed(catalog, at.model, of === "" ? defaultRef : of);
  const found = (await catalog.history(at.model, from.id, Number(steps) + 1))[Number(steps)];
  if (found) return found;
  throw fault("REF_MISSING", `${at.model}@${at.revision} goes back beyond the first version`, { advice: "See the versions with `holdfast log`." });
}

async function resolveNamed(catalog: Catalog, model: ModelName, revision: string): Promise<VersionRow> {
  const id = isVersionId(revision) ? revision : await catalog.ref(model, parseRefName(revision));
  const row = id === undefined ? await byDigits(catalog, model, revision) : await catalog.version(model, id);
  if (row) return row;
  const refs = await catalog.refs(model);
  if (refs.length === 0) throw fault("MODEL_MISSING", `no model is named ${model}`, { advice: "See what is there with `holdfast ls`." });
  throw fault("REF_MISSING", `${model} has no ref or version ${revision}`, { advice: `It has ${refs.map((row) => row.ref).join(", ")}.` });
}

async function byDigits(catalog: Catalog, model: ModelName, digits: string): Promise<VersionRow | undefined> {
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < shortIdDigitsMin) return undefined;
  const found = await catalog.versionsLike(model, digits, 2);
  if (found.length > 1) throw fault("NAME_INVALID", `${digits} begins several versions of ${model}`, { advice: "Write more digits." });
  return found[0];
}
