/** What the tests of the local driver share: folders of their own, a claimed volume in one, an object. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDigest } from "../../../core/digest.ts";
import { type ErrorCode, isFault } from "../../../core/errors.ts";
import { parseDomainName, parseVolumeName } from "../../../core/names.ts";
import { realWorld } from "../../../core/world/index.ts";
import { type Disk, directDisk } from "../../../machine/disk.ts";
import { claimIdentity, type VolumeIdentity } from "../identity.ts";
import { objectKey } from "../keys.ts";
import type { ObjectKey, Replayable, Volume } from "../volume.ts";
import { openLocalVolume } from "./driver.ts";
import { prepareRoot } from "./root.ts";

export const never: AbortSignal = new AbortController().signal;
export const identity: VolumeIdentity = { clusterId: "c".repeat(32), volumeId: "1".repeat(32), name: "local" };
export const disk: Disk = directDisk();

export async function claimed(root: string, on: Disk = disk): Promise<Volume> {
  await prepareRoot(root);
  const volume = await openLocalVolume({ root, name: parseVolumeName("local"), disk: on, world: realWorld });
  await claimIdentity(volume, identity, never);
  return volume;
}

export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), "holdfast-volume-"));
}

export async function fixtureIn(folder: string): Promise<{ volume: Volume; dispose: () => Promise<void> }> {
  return { volume: await claimed(join(folder, "volume")), dispose: async () => rmSync(folder, { recursive: true }) };
}

export function keyOf(hex: string): ObjectKey {
  return objectKey({ kind: "shard", domain: parseDomainName("domain"), digest: parseDigest(hex.padEnd(64, "0")), generation: 1 });
}

export const key: ObjectKey = keyOf("ab");
export const body: Replayable = [Buffer.from("some bytes")];

export async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => isFault(error, code) || assert.fail(`${String(error)} is not ${code}`));
}
