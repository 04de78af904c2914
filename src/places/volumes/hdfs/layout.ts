/** Where the parts of a volume lie under its folder in HDFS: objects under their keys, what is being written under `tmp`. */
import { identityKey, requireObjectKey } from "../keys.ts";
import type { ObjectKey } from "../volume.ts";

export const temporaryFolder = "tmp";
export const identityFolder = "identity";
/** The first segments of all keys, in key order. */
export const topFolders = [identityFolder, "manifest", "reflog", "shard"] as const;

const temporaryName = /^[0-9a-f]{32}$/;

/** Keys are safe as paths; one that was cast and not made is refused with NAME_INVALID. */
export function pathOf(root: string, key: ObjectKey): string {
  return `${root}/${requireObjectKey(key)}`;
}

export function identityPath(root: string): string {
  return pathOf(root, identityKey);
}

/** `id`: 32 hex digits that were never used before. */
export function temporaryPath(root: string, id: string): string {
  return `${root}/${temporaryFolder}/${id}`;
}

/** Only such names are ever swept: what anyone else keeps in the folder is theirs. */
export function isTemporaryName(name: string): boolean {
  return temporaryName.test(name);
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
