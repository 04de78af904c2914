/**
 * Whether the folder is still the volume: its identity file is there and is the one first seen. Where a disk is not
 * mounted its mount point is an empty folder, in which every object would look missing and every write would go to the
 * wrong disk; so nothing is called missing, and nothing is written, before this was asked.
 */
import { open } from "node:fs/promises";
import { fault } from "../../../core/errors.ts";
import { faultOf, isMissing } from "./faults.ts";
import { identityPath } from "./layout.ts";

const identityBytesMax = 4096;

export interface Presence {
  /** Throws VOLUME_IDENTITY_MISSING, or VOLUME_FOREIGN when another volume lies there now. */
  require(): Promise<void>;
  /** What was seen no longer counts: the identity is being rewritten. */
  forget(): void;
}

export function watchPresence(root: string, name: string): Presence {
  let seen: Buffer | undefined;
  return {
    async require() {
      const now = await readIdentity(root, name);
      seen ??= now;
      if (!now.equals(seen))
        throw fault("VOLUME_FOREIGN", `another volume lies at ${root} than when ${name} was opened`, { advice: "Mount the right disk, then start again." });
    },
    forget() {
      seen = undefined;
    },
  };
}

async function readIdentity(root: string, name: string): Promise<Buffer> {
  try {
    await using file = await open(identityPath(root), "r");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(identityBytesMax), 0, identityBytesMax, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (!isMissing(error)) throw faultOf(error, `identity of volume ${name} at ${root}`);
    throw fault("VOLUME_IDENTITY_MISSING", `volume ${name} is not at ${root}: there is no identity/volume`, {
      cause: error,
      advice: "Mount its disk. If the volume is lost for good, drain and remove it from the store.",
    });
  }
}
