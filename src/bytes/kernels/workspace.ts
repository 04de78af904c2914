/** How a thread's scratch is divided: tables and spilled streams of the kernels first, then buffers of the codecs. The table sizes stand in kernels/assembly/workspace.ts. */
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { MiB } from "../../core/units.ts";
import type { Scratch } from "./kernels.ts";

/** Coded streams take at most 1.5 times the plane, and each of the four a little slack. */
const spillBytes = 1.5 * limits.chunkBytesMax + 65536;
const spillOffset = 1 * MiB;
/** Counts of the delta coder: u32[16][128]. */
export const slotCountsOffset = 655360;

/** What the kernels themselves need. */
const workspaceBytes = spillOffset + spillBytes;

/** The kernels' share of a scratch, and the rest. Throws ARGUMENT_INVALID for one that is too small. */
export function divideScratch(scratch: Scratch): { workspace: Scratch; rest: Scratch } {
  const rest = { offset: scratch.offset + workspaceBytes, bytes: scratch.bytes - workspaceBytes };
  if (rest.bytes < 0) throw fault("ARGUMENT_INVALID", `kernels need ${workspaceBytes} bytes of scratch, not ${scratch.bytes}`);
  return { workspace: { offset: scratch.offset, bytes: workspaceBytes }, rest };
}
