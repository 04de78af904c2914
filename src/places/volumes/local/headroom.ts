/** Room that objects never take, so that a full volume can still be cleaned up: 1 % of it, at most 1 GiB. */
import { statfs } from "node:fs/promises";
import { fault } from "../../../core/errors.ts";
import { formatBytes, GiB } from "../../../core/units.ts";
import { adviceFor, faultOf } from "./faults.ts";

/** Throws VOLUME_FULL when the bytes would go into the headroom. */
export async function requireRoom(root: string, bytes: number, what: string): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(root).catch((error) => {
    throw faultOf(error, what);
  });
  const free = bavail * bsize - Math.min(GiB, (blocks * bsize) / 100);
  if (bytes > free)
    throw fault("VOLUME_FULL", `${what}: ${formatBytes(bytes)} do not fit in the ${formatBytes(Math.max(0, free))} left`, { advice: adviceFor("VOLUME_FULL") });
}
