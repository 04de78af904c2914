import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ErrorCode, isFault } from "../../core/errors.ts";
import { parseVolumeName } from "../../core/names.ts";
import { checkIdentity, claimIdentity, decodeIdentity, encodeIdentity, readIdentity, repairIdentity, type VolumeIdentity } from "./identity.ts";
import { identityKey } from "./keys.ts";
import { type MemoryObjects, openMemoryVolume } from "./memory/driver.ts";
import type { Volume } from "./volume.ts";

const never = new AbortController().signal;
const ours: VolumeIdentity = { clusterId: "c".repeat(32), volumeId: "1".repeat(32), name: "one" };
const sibling: VolumeIdentity = { ...ours, volumeId: "2".repeat(32), name: "two" };
const stranger: VolumeIdentity = { ...ours, clusterId: "d".repeat(32) };

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => (isFault(error, code) && error.advice !== undefined) || assert.fail(`${String(error)} is not ${code} with advice`));
}

function withBytes(bytes?: Uint8Array): { volume: Volume; objects: MemoryObjects } {
  const objects: MemoryObjects = new Map(bytes ? [[identityKey, bytes]] : []);
  return { volume: openMemoryVolume({ name: parseVolumeName("one"), objects }), objects };
}

test("an identity is read as it was written", () => {
  assert.deepEqual(decodeIdentity(encodeIdentity(ours), "here"), ours);
});

test("the bytes of an identity are those of the format page", () => {
  assert.match(
    Buffer.from(encodeIdentity(ours)).toString(),
    /^\{"format":"holdfast-volume","version":1,"cluster":"c{32}","volume":"1{32}","name":"one","checksum":"[0-9a-f]{64}"\}\n$/,
  );
});

test("D7: every single flipped bit is found", () => {
  const good = Buffer.from(encodeIdentity(ours));
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bad = Buffer.from(good);
    bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
    try {
      // White space around the object is all that a flip can change without changing what it says.
      assert.deepEqual(decodeIdentity(bad, "here"), ours);
      assert.ok(bit >= (good.length - 1) * 8, `bit ${bit}`);
    } catch (error) {
      assert.ok(isFault(error, "OBJECT_CORRUPT"), `bit ${bit}: ${String(error)}`);
    }
  }
});

test("any bytes are an identity or a typed error", () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => Buffer.from(text)),
    fc.nat(400).map((length) => encodeIdentity(ours).subarray(0, length)),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      try {
        decodeIdentity(bytes, "here");
      } catch (error) {
        assert.ok(isFault(error, "OBJECT_CORRUPT", "STORE_UNSUPPORTED"), String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test("an identity with good checksum and wrong ids is damaged, and one of a later format is unsupported", async () => {
  const { blake3Digest } = await import("../../bytes/digests/index.ts");
  const written = (facts: object): Buffer => Buffer.from(JSON.stringify({ ...facts, checksum: blake3Digest(Buffer.from(JSON.stringify(facts))) }));
  const facts = { format: "holdfast-volume", version: 1, cluster: ours.clusterId, volume: ours.volumeId, name: "one" };
  assert.deepEqual(decodeIdentity(written(facts), "here"), ours);
  assert.throws(
    () => decodeIdentity(written({ ...facts, version: 2 }), "here"),
    (error) => isFault(error, "STORE_UNSUPPORTED"),
  );
  for (const bad of [
    { ...facts, cluster: "C".repeat(32) },
    { ...facts, volume: 7 },
    { ...facts, name: undefined },
    { ...facts, format: "other" },
  ])
    assert.throws(
      () => decodeIdentity(written(bad), "here"),
      (error) => isFault(error, "OBJECT_CORRUPT"),
    );
});

test("D12: no identity is VOLUME_IDENTITY_MISSING", async () => fails(checkIdentity(withBytes().volume, ours, never), "VOLUME_IDENTITY_MISSING"));

test("D13 S11: another store's volume, and another volume of this store, are VOLUME_FOREIGN", async () => {
  for (const other of [stranger, sibling]) {
    const { volume, objects } = withBytes(encodeIdentity(other));
    await fails(checkIdentity(volume, ours, never), "VOLUME_FOREIGN");
    await fails(claimIdentity(volume, ours, never), "VOLUME_FOREIGN");
    await fails(repairIdentity(volume, ours, never), "VOLUME_FOREIGN");
    assert.deepEqual(decodeIdentity(objects.get(identityKey) as Uint8Array, "here"), other, "it is left as it was");
  }
});

test("D7: a damaged identity is OBJECT_CORRUPT until it is repaired", async () => {
  const { volume } = withBytes(encodeIdentity(ours).subarray(0, 100));
  await fails(checkIdentity(volume, ours, never), "OBJECT_CORRUPT");
  await fails(claimIdentity(volume, ours, never), "OBJECT_CORRUPT");
  await repairIdentity(volume, ours, never);
  await checkIdentity(volume, ours, never);
});

test("a lost identity is repaired", async () => {
  const { volume } = withBytes();
  await repairIdentity(volume, ours, never);
  assert.deepEqual(await readIdentity(volume, never), ours);
});

test("claiming twice is one claim; of two stores at once one wins and the other is told", async () => {
  const { volume } = withBytes();
  await Promise.all([claimIdentity(volume, ours, never), claimIdentity(volume, ours, never)]);
  await claimIdentity(volume, ours, never);
  const contested = withBytes().volume;
  const outcomes = await Promise.allSettled([claimIdentity(contested, ours, never), claimIdentity(contested, stranger, never)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  for (const outcome of outcomes) if (outcome.status === "rejected") assert.ok(isFault(outcome.reason, "VOLUME_FOREIGN"));
});
