/** All objects under a folder in HDFS in key order, page by page: HDFS lists names in the order of their bytes, and goes on behind any name. */
import { fault, throwIfCancelled } from "../../../core/errors.ts";
import { identityKey, parseObjectKey } from "../keys.ts";
import type { ObjectKey, ObjectStat } from "../volume.ts";
import type { Blocks, FileStatus } from "./answers.ts";
import { identityFolder, pathOf, topFolders } from "./layout.ts";
import type { Reach } from "./reach.ts";

/** Questions to the NameNode side by side. */
export const questionsInFlight = 8;

/** Names that are no keys are passed over. Throws rather than end early. */
export async function* walk(reach: Reach, after: ObjectKey | undefined, signal: AbortSignal): AsyncGenerator<ObjectStat> {
  for (const top of topFolders)
    if (top === identityFolder) yield* objectsIn(reach, `${top}/`, after ?? "", signal);
    else yield* walkFolders(reach, `${top}/`, 2, after ?? "", signal);
}

/** `depth`: levels of folders above the objects. Their names are few (domains, or two hex digits); objects stream by. */
async function* walkFolders(reach: Reach, prefix: string, depth: number, after: string, signal: AbortSignal): AsyncGenerator<ObjectStat> {
  if (isBefore(prefix, after)) return;
  if (depth === 0) return yield* objectsIn(reach, prefix, after, signal);
  for (const folder of await foldersIn(reach, prefix, signal)) yield* walkFolders(reach, prefix + folder, depth - 1, after, signal);
}

function isBefore(prefix: string, after: string): boolean {
  return prefix < after && !after.startsWith(prefix);
}

/** Folders sort by their name with the slash that follows it in keys: "a-b/" is before "a/". */
async function foldersIn(reach: Reach, prefix: string, signal: AbortSignal): Promise<string[]> {
  const folders: string[] = [];
  for await (const { name, isFolder } of entriesIn(reach, prefix, undefined, signal)) if (isFolder) folders.push(`${name}/`);
  return folders.sort();
}

async function* objectsIn(reach: Reach, prefix: string, after: string, signal: AbortSignal): AsyncGenerator<ObjectStat> {
  if (isBefore(prefix, after)) return;
  const start = after.startsWith(prefix) && after !== prefix ? after.slice(prefix.length) : undefined;
  for await (const { name, isFile, bytes } of entriesIn(reach, prefix, start, signal)) {
    const key = prefix + name;
    if (isFile && isKey(key)) yield { key: key as ObjectKey, bytes };
  }
}

function isKey(name: string): boolean {
  return name === identityKey || parseObjectKey(name) !== undefined;
}

/** A folder that is not there has no entries. Throws VOLUME_UNREACHABLE where a page does not go on behind the one before. */
export async function* entriesIn(reach: Reach, folder: string, after: string | undefined, signal: AbortSignal): AsyncGenerator<FileStatus> {
  const path = `${reach.place.root}/${folder.replace(/\/$/, "")}`;
  let last = after;
  for (let more = true; more; ) {
    throwIfCancelled(signal);
    const page = await reach.names.page(path, last, signal);
    if (!page) return;
    for (const entry of page.entries) {
      if (last !== undefined && Buffer.compare(Buffer.from(entry.name), Buffer.from(last)) <= 0) throw outOfOrder(reach, path, entry.name);
      last = entry.name;
      yield entry;
    }
    more = page.more;
  }
}

function outOfOrder({ volume }: Reach, path: string, name: string): Error {
  return fault("VOLUME_UNREACHABLE", `list of ${path} on volume ${volume}: ${JSON.stringify(name)} comes out of order, so the list may not be whole`);
}

/** In the order of the keys; those that are missing are left out. Only a file is an object, here as in the list. */
export async function* statAll(reach: Reach, keys: readonly ObjectKey[], signal: AbortSignal): AsyncGenerator<ObjectStat> {
  for (let at = 0; at < keys.length; at += questionsInFlight) {
    throwIfCancelled(signal);
    const some = keys.slice(at, at + questionsInFlight);
    const found = await Promise.all(some.map((key) => reach.names.blocks(pathOf(reach.place.root, key), signal)));
    for (const [index, blocks] of found.entries()) if (blocks) yield statOf(some[index] as ObjectKey, blocks);
  }
}

function statOf(key: ObjectKey, { bytes, copies }: Blocks): ObjectStat {
  return copies === undefined ? { key, bytes } : { key, bytes, copies };
}
