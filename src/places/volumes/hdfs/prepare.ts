/** The folder in HDFS before it is a volume. */
import { fault } from "../../../core/errors.ts";
import { identityFolder, identityPath, temporaryFolder } from "./layout.ts";
import type { Reach } from "./reach.ts";
import { entriesIn } from "./walk.ts";

/** Makes the folder ready for a first identity. Throws VOLUME_FOREIGN when it holds anything that is not a volume. */
export async function prepareRoot(reach: Reach, signal: AbortSignal): Promise<void> {
  const { names, place } = reach;
  const found = await names.status(place.root, signal);
  if (found?.isFolder === false) throw foreign(place.root, "is a file");
  if (!found) await names.makeFolder(place.root, signal);
  else await refuseOccupied(reach, signal);
  await names.makeFolder(`${place.root}/${temporaryFolder}`, signal);
}

async function refuseOccupied(reach: Reach, signal: AbortSignal): Promise<void> {
  const { names, place } = reach;
  for await (const { name } of entriesIn(reach, "", undefined, signal)) {
    if (name === temporaryFolder) continue;
    if (await names.status(identityPath(place.root), signal)) return;
    if (name === identityFolder && (await isEmpty(reach, name, signal))) continue; // a first identity did not get through
    throw foreign(place.root, `is not empty (it has ${JSON.stringify(name)}) and is not a volume`);
  }
}

async function isEmpty(reach: Reach, folder: string, signal: AbortSignal): Promise<boolean> {
  for await (const _ of entriesIn(reach, folder, undefined, signal)) return false;
  return true;
}

function foreign(root: string, why: string): Error {
  return fault("VOLUME_FOREIGN", `${root} in HDFS ${why}`, {
    advice: "Give an empty or new folder. If it is a volume that lost its identity, use `holdfast doctor --repair`.",
  });
}
