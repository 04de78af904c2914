/**
 * A new file, whole and durable or not there: temporary name, fsync, link into place without overwriting, fsync of
 * the folders. An fsync that failed is never tried again, since the kernel may have dropped the dirty pages and would
 * report success: the temporary is thrown away, and whoever wants the file writes it anew.
 */
import { constants, fsyncSync, linkSync, lstatSync, mkdirSync, renameSync, unlinkSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { errnoOf, syncFolder, withDescriptor } from "./descriptor.ts";
import { writeViews } from "./write-at.ts";

/**
 * Throws Node's errno errors as they are, EEXIST where `path` is taken. The folder of `temporary` must be there; those of
 * `path` are made, but only below the lowest folder that the two share. So a volume that is not mounted is not made up.
 */
export function publishFile(path: string, temporary: string, body: readonly Uint8Array[]): void {
  writeTemporary(temporary, body);
  try {
    const folders = foldersUp(path, temporary);
    for (const folder of folders.slice(0, -1).reverse()) makeFolder(folder);
    linkNew(temporary, path);
    syncOrUndo(path, folders);
  } finally {
    discard(temporary);
  }
}

/** An entry that is not known to be durable must not stay: a second attempt would take it for one that is. */
function syncOrUndo(path: string, folders: readonly string[]): void {
  try {
    for (const folder of folders) syncFolder(folder);
  } catch (error) {
    discard(path);
    throw error;
  }
}

/** The same for a file that may replace another: renamed over whatever is there. Its folder must be there. */
export function replaceFile(path: string, temporary: string, bytes: Uint8Array): void {
  writeTemporary(temporary, [bytes]);
  try {
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } finally {
    discard(temporary);
  }
}

function writeTemporary(temporary: string, body: readonly Uint8Array[]): void {
  withDescriptor(temporary, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, (descriptor) => {
    try {
      writeViews(temporary, descriptor, 0, body);
      fsyncSync(descriptor);
    } catch (error) {
      discard(temporary);
      throw error;
    }
  });
}

/** From the folder of `path` outwards to the lowest one that also holds `temporary`. */
function foldersUp(path: string, temporary: string): string[] {
  const folders = [dirname(path)];
  for (let folder = dirname(path); !isInside(folder, temporary); folder = dirname(folder)) folders.push(dirname(folder));
  return folders;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}

const noLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * `link` is the one step that both publishes and refuses to overwrite. Where a file system has no hard links (FAT, some
 * FUSE) a look and a rename take its place; two writers of one name could both win there, with the same content, since
 * names are made of digests.
 */
export function linkNew(temporary: string, path: string, link: typeof linkSync = linkSync): void {
  try {
    link(temporary, path);
  } catch (error) {
    if (!noLinks.has(errnoOf(error) ?? "")) throw error;
    if (lstatSync(path, { throwIfNoEntry: false })) throw Object.assign(new Error(`EEXIST: ${path}`, { cause: error }), { code: "EEXIST" });
    renameSync(temporary, path);
  }
}

/** A temporary that cannot be removed is left to the next sweep: it must not hide why the write failed, nor undo one that is durable. */
function discard(temporary: string): void {
  try {
    unlinkSync(temporary);
  } catch {}
}
