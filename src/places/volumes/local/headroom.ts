/** Room that objects never take, so that a full volume can still be cleaned up: 1 % of it, at most 1 GiB. */
import { statfs } from "node:fs/promises";
import { fault } from "../../../core/errors.ts";
import { formatBytes, GiB } from "../../../core/units.ts";
import type { VolumeSpace } from "../volume-driver.ts";
import { adviceFor, faultOf } from "./faults.ts";

/** What the headroom takes is not free. */
export async function spaceAt(root: string, what: string): Promise<VolumeSpace> {
  const { bavail, blocks, bsize } = await statfs(root).catch((error) => {
    throw faultOf(error, what);
  });
  const capacityBytes = blocks * bsize;
  return { capacityBytes, freeBytes: Math.max(0, bavail * bsize - Math.min(GiB, capacityBytes / 100)) };
}

/** Throws VOLUME_FULL when the bytes would go into the headroom. */
export async function requireRoom(root: string, bytes: number, what: string): Promise<void> {
  const { freeBytes } = await spaceAt(root, what);
  if (bytes > freeBytes)
    throw fault("VOLUME_FULL", `${what}: ${formatBytes(bytes)} do not fit in the ${formatBytes(freeBytes)} left`, { advice: adviceFor("VOLUME_FULL") });
}
