/** Folders compared by the SHA-256 of every file, and looked through for what should not be there. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** SHA-256 by path relative to the folder. */
export type Digests = ReadonlyMap<string, string>;

const blockBytes = 4 * 1024 * 1024;

export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

export async function sha256Of(path: string): Promise<string> {
  const { size } = await stat(path);
  const hash = createHash("sha256");
  if (size <= blockBytes) return hash.update(await readFile(path)).digest("hex");
  await using file = await open(path);
  const block = Buffer.allocUnsafe(blockBytes);
  for (let read = await file.read(block); read.bytesRead > 0; read = await file.read(block)) hash.update(block.subarray(0, read.bytesRead));
  return hash.digest("hex");
}

export async function digestsOf(folder: string): Promise<Digests> {
  const digests = new Map<string, string>();
  for (const path of await filesUnder(folder)) digests.set(relative(folder, path), await sha256Of(path));
  return digests;
}

/** The same paths with the same bytes, and nothing beside them. */
export function assertSame(actual: Digests, expected: Digests, what: string): void {
  const wrong = [...expected].filter(([path, digest]) => actual.get(path) !== digest).map(([path]) => path);
  const more = [...actual.keys()].filter((path) => !expected.has(path));
  assert.deepEqual({ wrong: wrong.slice(0, 10), more: more.slice(0, 10) }, { wrong: [], more: [] }, what);
}

export async function bytesUnder(folder: string): Promise<number> {
  const sizes = await Promise.all((await filesUnder(folder)).map(async (path) => (await stat(path).catch(() => undefined))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes for which the disk has blocks: of a file that is being written, only what was written. 0 while the folder is not there. */
export async function blockBytesUnder(folder: string): Promise<number> {
  const files = await filesUnder(folder).catch(() => []);
  const found = await Promise.all(files.map((path) => stat(path).catch(() => undefined)));
  return found.reduce((sum, file) => sum + (file ? file.blocks * 512 : 0), 0);
}
