/** The files of a folder, or one file, as they will be paths of a version. */
import { lstat, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fault, throwIfCancelled } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { type FilePath, parseFilePath, refuseCollisions } from "../../core/names.ts";
import { eachLimited } from "../transfer/index.ts";

export interface SourceFile {
  readonly path: FilePath;
  /** Where it lies on this machine. */
  readonly location: string;
  readonly bytes: number;
  /** What changes when somebody writes to it: size, inode and modification time in nanoseconds. */
  readonly stamp: string;
}

export interface WalkOptions {
  /** Read what symbolic links point to, instead of refusing them. */
  readonly followLinks: boolean;
  readonly signal: AbortSignal;
}

/** Folders at the top that belong to tools and are left out. */
const toolFolders = new Set([".git", ".cache", ".huggingface", ".holdfast"]);

/** In the order of their paths as UTF-8 bytes. Throws FILE_MISSING, PATH_INVALID, PATH_COLLISION, LIMIT_EXCEEDED. */
export async function walk(root: string, options: WalkOptions): Promise<SourceFile[]> {
  const found = await stat(root).catch((cause: unknown) => {
    throw fault("FILE_MISSING", `${root} cannot be read`, { cause, advice: "Give a model folder or a file." });
  });
  const locations = found.isFile() ? [{ path: basename(root), location: root }] : await namesUnder(root, options);
  const files: SourceFile[] = [];
  await eachLimited(locations, 64, async ({ path, location }) => {
    files.push(await describe(parseFilePath(path), location, options));
  });
  refuseCollisions(files.map((file) => file.path));
  return files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

async function namesUnder(root: string, { signal }: WalkOptions): Promise<{ path: string; location: string }[]> {
  const names: { path: string; location: string }[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    throwIfCancelled(signal);
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (folder === "" && toolFolders.has(entry.name.toLowerCase())) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else names.push({ path, location: join(root, path) });
    }
    if (names.length > limits.filesPerVersionMax) throw fault("LIMIT_EXCEEDED", `${root} has more than ${limits.filesPerVersionMax} files`);
  }
  return names;
}

async function describe(path: FilePath, location: string, { followLinks }: WalkOptions): Promise<SourceFile> {
  const found = await (followLinks ? stat : lstat)(location, { bigint: true }).catch((cause: unknown) => {
    throw fault("FILE_MISSING", `${location} cannot be read`, { cause });
  });
  if (found.isSymbolicLink())
    throw fault("PATH_INVALID", `${location} is a symbolic link`, { advice: "Push with --follow-links to store what the links point to." });
  if (!found.isFile()) throw fault("PATH_INVALID", `${location} is neither a file nor a folder`);
  return { path, location, bytes: Number(found.size), stamp: `${found.size} ${found.ino} ${found.mtimeNs}` };
}

/** Throws SOURCE_CHANGED when a file is not what it was when it was found. */
export async function requireUnchanged(files: readonly SourceFile[]): Promise<void> {
  await eachLimited(files, 64, async (file) => {
    const now = await stat(file.location, { bigint: true }).catch(() => undefined);
    const stamp = now && `${now.size} ${now.ino} ${now.mtimeNs}`;
    if (stamp !== file.stamp)
      throw fault("SOURCE_CHANGED", `${file.location} changed while it was being pushed`, { advice: "Push again once nothing writes to it." });
  });
}
