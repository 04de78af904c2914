/** All objects under a root in key order, one folder of names in memory at a time (a 256th of a kind and domain). */
import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { throwIfCancelled } from "../../../core/errors.ts";
import { identityKey, parseObjectKey } from "../keys.ts";
import type { ObjectKey, ObjectStat } from "../volume.ts";
import { isMissing } from "./faults.ts";
import { pathOf, topFolders } from "./layout.ts";

/** Looked at side by side; less than the four threads that Node has for this, so that a hung disk does not hold them all. */
const statsInFlight = 2;

/** Throws Node's errno errors as they are. Names that are no keys are passed over. */
export async function* walk(root: string, after: ObjectKey | undefined, signal: AbortSignal): AsyncGenerator<ObjectStat> {
  for (const top of topFolders) yield* walkFolder(root, `${top}/`, after ?? "", signal);
}

async function* walkFolder(root: string, prefix: string, after: string, signal: AbortSignal): AsyncGenerator<ObjectStat> {
  if (prefix < after && !after.startsWith(prefix)) return;
  throwIfCancelled(signal);
  const entries = await entriesOf(join(root, prefix));
  yield* statAll(root, keysIn(prefix, entries, after), signal);
  for (const folder of foldersIn(entries)) yield* walkFolder(root, `${prefix}${folder}/`, after, signal);
}

/** Folders sort by their name with the slash that follows it in keys: "a-b/" is before "a/". */
function foldersIn(entries: readonly Dirent[]): string[] {
  const withSlash = entries.filter((entry) => entry.isDirectory()).map((entry) => `${entry.name}/`);
  return withSlash.sort().map((name) => name.slice(0, -1));
}

function keysIn(prefix: string, entries: readonly Dirent[], after: string): ObjectKey[] {
  const names = entries.filter((entry) => entry.isFile()).map((entry) => prefix + entry.name);
  return names.filter((name) => name > after && isKey(name)).sort() as ObjectKey[];
}

function isKey(name: string): boolean {
  return name === identityKey || parseObjectKey(name) !== undefined;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** In the order of the keys; those that are missing are left out. Throws Node's errno errors as they are. */
export async function* statAll(root: string, keys: readonly ObjectKey[], signal: AbortSignal): AsyncGenerator<ObjectStat> {
  for (let at = 0; at < keys.length; at += statsInFlight) {
    throwIfCancelled(signal);
    const found = await Promise.all(keys.slice(at, at + statsInFlight).map((key) => statOne(root, key)));
    for (const one of found) if (one) yield one;
  }
}

/** Only a file is an object, here as in the list. */
async function statOne(root: string, key: ObjectKey): Promise<ObjectStat | undefined> {
  try {
    const found = await lstat(pathOf(root, key));
    return found.isFile() ? { key, bytes: found.size } : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
