/** The lists of several volumes as one: each object once, with all the places that have it. One entry of each volume in memory. */
import { type KeyParts, type ObjectKey, type ObjectStat, parseObjectKey, type Volume } from "../../places/volumes/index.ts";

export interface FoundObject {
  readonly key: ObjectKey;
  readonly parts: KeyParts;
  readonly on: readonly { readonly volume: Volume; readonly bytes: number }[];
}

interface Cursor {
  readonly volume: Volume;
  readonly rest: AsyncIterator<ObjectStat>;
  head: ObjectStat | undefined;
}

/** In key order. Throws what a volume throws: a list that is not whole is none. */
export async function* listAll(volumes: readonly Volume[], signal: AbortSignal): AsyncGenerator<FoundObject> {
  const cursors: Cursor[] = volumes.map((volume) => ({ volume, rest: volume.list(undefined, signal)[Symbol.asyncIterator](), head: undefined }));
  await Promise.all(cursors.map(advance));
  for (let key = lowest(cursors); key !== undefined; key = lowest(cursors)) {
    const there = cursors.filter((cursor) => cursor.head?.key === key);
    const parts = parseObjectKey(key);
    if (parts) yield { key, parts, on: there.map(({ volume, head }) => ({ volume, bytes: (head as ObjectStat).bytes })) };
    await Promise.all(there.map(advance));
  }
}

async function advance(cursor: Cursor): Promise<void> {
  const next = await cursor.rest.next();
  cursor.head = next.done ? undefined : next.value;
}

function lowest(cursors: readonly Cursor[]): ObjectKey | undefined {
  let key: ObjectKey | undefined;
  for (const { head } of cursors) if (head && (key === undefined || head.key < key)) key = head.key;
  return key;
}
