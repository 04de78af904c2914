/** What lies in the folder of a disk tier, oldest first; and what was left there by processes that ended in the middle of a write. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CacheKey } from "../key.ts";
import { chunksFolder, keyOfPath, temporaryFolder } from "./layout.ts";

export interface Listed {
  readonly key: CacheKey;
  readonly bytes: number;
  readonly writtenAt: number;
}

const statsAtOnce = 64;

export async function listChunks(folder: string): Promise<Listed[]> {
  const paths = await readdir(join(folder, chunksFolder), { recursive: true }).catch(() => []);
  const keys = paths.map((path) => ({ path, key: keyOfPath(path) }));
  const listed: Listed[] = [];
  for (let at = 0; at < keys.length; at += statsAtOnce) {
    const page = keys.slice(at, at + statsAtOnce);
    const facts = await Promise.all(
      page.map(({ path, key }) => (key === undefined ? undefined : stat(join(folder, chunksFolder, path)).catch(() => undefined))),
    );
    for (const [index, { key }] of page.entries()) {
      const found = facts[index];
      if (key !== undefined && found?.isFile()) listed.push({ key, bytes: found.size, writtenAt: found.mtimeMs });
    }
  }
  return listed.sort((a, b) => a.writtenAt - b.writtenAt);
}

/** A write takes seconds; what is an hour old is nobody's any more. */
const leftoverAgeMs = 3600_000;

export async function sweepTemporary(folder: string, now: number): Promise<void> {
  const names = await readdir(join(folder, temporaryFolder)).catch(() => []);
  for (const name of names) {
    const path = join(folder, temporaryFolder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && now - found.mtimeMs > leftoverAgeMs) await rm(path, { force: true, recursive: true });
  }
}
