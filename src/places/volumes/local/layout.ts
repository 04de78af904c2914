/** Where the parts of a local volume lie under its root: objects under their keys, files being written under `tmp`. */
import { join } from "node:path";
import { identityKey, requireObjectKey } from "../keys.ts";
import type { ObjectKey } from "../volume.ts";

export const temporaryFolder = "tmp";
/** The first segments of all keys, in key order. */
export const topFolders = ["identity", "manifest", "reflog", "shard"] as const;

/** Keys are safe as paths; one that was cast and not made is refused with NAME_INVALID. */
export function pathOf(root: string, key: ObjectKey): string {
  return join(root, requireObjectKey(key));
}

export function identityPath(root: string): string {
  return pathOf(root, identityKey);
}

export function temporaryPath(root: string, id: string): string {
  return join(root, temporaryFolder, id);
}
