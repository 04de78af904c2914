/** Where things lie in the folder of a disk tier. Names tell the keys, so that a listing is all the index there is. */
import { join, sep } from "node:path";
import type { ModelName, VersionId } from "../../../core/names.ts";
import { type CacheKey, domainOfKey, hexOf } from "../key.ts";
import type { PinName } from "../tier.ts";

export const chunksFolder = "chunks";
export const pinsFolder = "pins";
export const temporaryFolder = "tmp";

/** `chunks/<domain>/<2 hex>/<62 hex>` */
export function pathOfKey(folder: string, key: CacheKey): string {
  const hex = hexOf(key);
  return join(folder, chunksFolder, domainOfKey(key), hex.slice(0, 2), hex.slice(2));
}

/** The key of a path below `chunks`; undefined for a file that is none of ours. */
export function keyOfPath(relative: string): CacheKey | undefined {
  const [, domain, head, tail] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,95})\/([0-9a-f]{2})\/([0-9a-f]{62})$/.exec(relative.split(sep).join("/")) ?? [];
  return domain === undefined ? undefined : (`${domain}/${head}${tail}` as CacheKey);
}

/** No half of a model's name has `--` in it. */
export function pinFile(folder: string, { model, version }: PinName): string {
  return join(folder, pinsFolder, `${model.replace("/", "--")}@${version}`);
}

export function pinOfFile(name: string): PinName | undefined {
  const [, namespace, model, version] = /^([A-Za-z0-9._-]+)--([A-Za-z0-9._-]+)@([A-Za-z0-9]{1,64})$/.exec(name) ?? [];
  return namespace === undefined ? undefined : { model: `${namespace}/${model}` as ModelName, version: version as VersionId };
}
