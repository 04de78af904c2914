/** The folder of a local volume before and between openings: making it, and sweeping out what interrupted writes left. */
import { mkdir, readdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fault } from "../../../core/errors.ts";
import { syncFolder } from "../../../machine/file-io.ts";
import { faultOf, isMissing } from "./faults.ts";
import { identityPath, temporaryFolder, temporaryPath } from "./layout.ts";

/** Entries that an empty disk may have. */
const tolerated = new Set([temporaryFolder, "lost+found"]);

/** Makes the folder ready for a first identity. Throws VOLUME_FOREIGN when it holds anything that is not a volume. */
export async function prepareRoot(root: string): Promise<void> {
  try {
    const outermost = await mkdir(root, { recursive: true });
    if (outermost !== undefined) syncUp(root, dirname(outermost));
    await refuseOccupied(root);
    await makeTemporaryFolder(root);
  } catch (error) {
    throw faultOf(error, `volume folder ${root}`);
  }
}

/** Makes durable that each folder is in the next outer one, up to `last`. */
function syncUp(folder: string, last: string): void {
  for (let at = dirname(folder); ; at = dirname(at)) {
    syncFolder(at);
    if (at === last) return;
  }
}

async function refuseOccupied(root: string): Promise<void> {
  const names = await readdir(root);
  const strange = names.find((name) => !tolerated.has(name));
  if (strange === undefined || (await exists(identityPath(root)))) return;
  throw fault("VOLUME_FOREIGN", `${root} is not empty (it has ${JSON.stringify(strange)}) and is not a volume`, {
    advice: "Give an empty or new folder. If it is a volume that lost its identity file, use `holdfast doctor --repair`.",
  });
}

export async function makeTemporaryFolder(root: string): Promise<void> {
  await mkdir(join(root, temporaryFolder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export interface Swept {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Removes temporaries last written before `before` (milliseconds since 1970; all of them without it). A write that was
 * still going on then fails at its link and is tried again: nothing that was acknowledged is under a temporary name.
 */
export async function sweepTemporaries(root: string, before = Number.POSITIVE_INFINITY): Promise<Swept> {
  let files = 0;
  let bytes = 0;
  for (const name of await temporaries(root)) {
    const size = await sweep(temporaryPath(root, name), before);
    if (size === undefined) continue;
    files++;
    bytes += size;
  }
  return { files, bytes };
}

async function temporaries(root: string): Promise<string[]> {
  try {
    return await readdir(join(root, temporaryFolder));
  } catch (error) {
    if (isMissing(error)) return [];
    throw faultOf(error, `temporaries of ${root}`);
  }
}

async function sweep(path: string, before: number): Promise<number | undefined> {
  try {
    const { mtimeMs, size } = await stat(path);
    if (mtimeMs >= before) return undefined;
    await unlink(path);
    return size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw faultOf(error, `temporary ${path}`);
  }
}
