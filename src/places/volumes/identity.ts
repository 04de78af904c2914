/**
 * The object that says whose a volume is: which cluster and which volume of it. It keeps an empty mount point, a cloned
 * disk or another store's folder from being taken for a volume that has lost all its objects.
 */
import { blake3Digest } from "../../bytes/digests/index.ts";
import { fault, isFault } from "../../core/errors.ts";
import { rangeOf } from "../../core/range.ts";
import { identityKey } from "./keys.ts";
import type { Volume } from "./volume.ts";

export interface VolumeIdentity {
  /** 32 hex digits each. */
  readonly clusterId: string;
  readonly volumeId: string;
  /** For people; the ids decide. */
  readonly name: string;
}

const formatName = "holdfast-volume";
const formatVersion = 1;
const identityBytesMax = 4096;
const hex32 = /^[0-9a-f]{32}$/;

/** One line of JSON; the last member is the BLAKE3-256 of the line without it (docs/format.md, "Volume identity"). */
export function encodeIdentity({ clusterId, volumeId, name }: VolumeIdentity): Uint8Array {
  const facts = { format: formatName, version: formatVersion, cluster: clusterId, volume: volumeId, name };
  return Buffer.from(`${JSON.stringify({ ...facts, checksum: checksumOf(facts) })}\n`);
}

function checksumOf(facts: object): string {
  return blake3Digest(Buffer.from(JSON.stringify(facts)));
}

/** Throws OBJECT_CORRUPT for bytes that are not an undamaged identity, and STORE_UNSUPPORTED for one of a later format. */
export function decodeIdentity(bytes: Uint8Array, where: string): VolumeIdentity {
  const { checksum, ...facts } = parseObject(bytes, where);
  if (checksum !== checksumOf(facts) || facts.format !== formatName) throw damaged(where);
  if (facts.version !== formatVersion) throw fault("STORE_UNSUPPORTED", `${where} has the format version ${JSON.stringify(facts.version)}`);
  const { cluster, volume, name } = facts;
  if (typeof name !== "string" || !isId(cluster) || !isId(volume)) throw damaged(where);
  return { clusterId: cluster, volumeId: volume, name };
}

function parseObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw damaged(where, error);
  }
  throw damaged(where);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && hex32.test(value);
}

function damaged(where: string, cause?: unknown): Error {
  return fault("OBJECT_CORRUPT", `${where} is damaged`, {
    cause,
    advice: "If the volume is the right one, `holdfast doctor --repair` writes its identity anew from the catalog.",
  });
}

/** The identity that the volume carries, or undefined where there is none. */
export async function readIdentity(volume: Volume, signal: AbortSignal): Promise<VolumeIdentity | undefined> {
  const bytes = Buffer.alloc(identityBytesMax);
  try {
    const read = await volume.get(identityKey, rangeOf(0, bytes.length), [bytes], signal);
    return decodeIdentity(bytes.subarray(0, read), `identity of volume ${volume.name}`);
  } catch (error) {
    if (isFault(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}

/** Throws VOLUME_IDENTITY_MISSING, VOLUME_FOREIGN or OBJECT_CORRUPT unless the volume is the one that is expected. */
export async function checkIdentity(volume: Volume, expected: VolumeIdentity, signal: AbortSignal): Promise<void> {
  const found = await readIdentity(volume, signal);
  if (!found)
    throw fault("VOLUME_IDENTITY_MISSING", `volume ${volume.name} has no identity/volume`, { advice: "Mount its disk, or check the URL of the volume." });
  refuseOther(volume, found, expected);
}

function refuseOther(volume: Volume, found: VolumeIdentity, expected: VolumeIdentity): void {
  if (found.clusterId !== expected.clusterId)
    throw fault("VOLUME_FOREIGN", `volume ${volume.name} belongs to another store (${found.clusterId})`, {
      advice: "Give each store a folder or bucket of its own.",
    });
  if (found.volumeId !== expected.volumeId)
    throw fault("VOLUME_FOREIGN", `where volume ${volume.name} should be lies the volume ${found.name} (${found.volumeId}) of this store`, {
      advice: "Check whether mounts were swapped or a disk was cloned; never keep a clone and its original in one store.",
    });
}

/**
 * Writes the first identity. Doing it again is no error, also where two do it at once; another's volume is VOLUME_FOREIGN.
 * That the place holds nothing else, the driver has made sure of before.
 */
export async function claimIdentity(volume: Volume, identity: VolumeIdentity, signal: AbortSignal): Promise<void> {
  if (!(await readIdentity(volume, signal))) await putIdentity(volume, identity, signal);
  await checkIdentity(volume, identity, signal);
}

/** Writes the identity again where it is damaged or gone. A good one of another volume is never replaced: VOLUME_FOREIGN. */
export async function repairIdentity(volume: Volume, identity: VolumeIdentity, signal: AbortSignal): Promise<void> {
  try {
    await claimIdentity(volume, identity, signal);
  } catch (error) {
    if (!isFault(error, "OBJECT_CORRUPT")) throw error;
    await volume.remove([identityKey], signal);
    await claimIdentity(volume, identity, signal);
  }
}

async function putIdentity(volume: Volume, identity: VolumeIdentity, signal: AbortSignal): Promise<void> {
  try {
    await volume.put(identityKey, [encodeIdentity(identity)], signal);
  } catch (error) {
    if (!isFault(error, "OBJECT_EXISTS")) throw error;
  }
}
