/** Manifests as objects: stored beside the data, read back from any replica, believed only when they have their digest. */
import { blake3Digest } from "../../bytes/digests/index.ts";
import type { Digest } from "../../core/digest.ts";
import { fault } from "../../core/errors.ts";
import type { Manifest } from "../../core/manifest.ts";
import { decodeManifest, encodeManifest } from "../../core/manifest-codec.ts";
import type { VersionId } from "../../core/names.ts";
import type { ObjectId, ObjectRow } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";
import type { Replicas } from "../transfer/index.ts";

export interface EncodedManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly version: VersionId;
}

/** The bytes are in shared memory, ready for the workers. */
export function sealManifest(manifest: Manifest): EncodedManifest {
  const bytes = inSharedMemory(encodeManifest(manifest));
  const digest = blake3Digest(bytes);
  return { bytes, digest, version: digest.slice(0, 40) as VersionId };
}

export function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}

/** A small object that is named by the digest of its bytes, from any replica that has it right. */
async function readObject(object: ObjectRow, replicas: Replicas, signal: AbortSignal): Promise<Uint8Array> {
  await replicas.learn([object.id]);
  const bytes = new Uint8Array(new SharedArrayBuffer(object.bytes));
  const spot = { object: object.id, offset: 0 };
  for (;;) {
    const asked = replicas.volumeFor(spot, object.bytes);
    const range = { start: 0, end: object.bytes };
    const { volume, problem } = await replicas.read({ object: object.id, volume: asked, offsets: [0], range, into: [bytes] }, signal);
    if (!problem && blake3Digest(bytes) === object.digest) return bytes;
    replicas.damage.spoil(spot, volume, problem ?? fault("OBJECT_CORRUPT", `${object.kind} ${object.digest} on ${volume} is damaged`));
  }
}

export async function loadManifest(engine: Engine, id: ObjectId, replicas: Replicas, signal: AbortSignal): Promise<Manifest> {
  const [object] = await engine.catalog.objects([id]);
  if (!object) throw fault("REF_MISSING", "the version was removed", { advice: "See what is there with `holdfast ls`." });
  return decodeManifest(await readObject(object, replicas, signal));
}
