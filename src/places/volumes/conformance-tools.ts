/** What the cases of the conformance suite are made of. */
import assert from "node:assert/strict";
import { parseDigest } from "../../core/digest.ts";
import { type ErrorCode, isFault } from "../../core/errors.ts";
import { parseDomainName } from "../../core/names.ts";
import { type ByteRange, rangeOf } from "../../core/range.ts";
import { realWorld, type World } from "../../core/world/index.ts";
import { identityKey, type ObjectKind, objectKey } from "./keys.ts";
import { ownMs } from "./own-time.ts";
import type { ObjectKey, ObjectStat, Scatter, Volume } from "./volume.ts";

/** A rule of the seam: fails by throwing. */
type Case = (volume: Volume) => Promise<void>;
export type Cases = Readonly<Record<string, Case>>;

export const never = new AbortController().signal;
/** Cleaning up is given up after a moment, and is given a minute here: what a busy engine did not get done would be taken for left behind. */
export const patient: World = { ...realWorld, sleep: (ms, signal) => realWorld.sleep(ms === ownMs ? 60_000 : ms, signal) };
let keysMade = 0;

export function freshKey(kind: ObjectKind = "shard", generation = 1): ObjectKey {
  keysMade++;
  const digest = parseDigest(Buffer.from(`${keysMade}`.padStart(32, "k")).toString("hex"));
  return objectKey({ kind, domain: parseDomainName("domain"), digest, generation });
}

/** A digest that begins with the hex digits, so that keys have a known order. */
export function keyAt(kind: ObjectKind, domain: string, prefix: string, generation = 1): ObjectKey {
  return objectKey({ kind, domain: parseDomainName(domain), digest: parseDigest(prefix.padEnd(64, "0")), generation });
}

const period = Buffer.from(Array.from({ length: 251 }, (_, index) => index));

/** Bytes in which every position is told from its neighbours; the salt tells bodies apart. */
export function sampleBytes(length: number, salt = 0): Buffer {
  return Buffer.alloc(length, Buffer.concat([period, Buffer.from([salt])]));
}

export function sharedBytes(content: Uint8Array, offset = 0): Uint8Array {
  const pages = Math.ceil((content.byteLength + offset) / 65536) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const view = new Uint8Array(memory.buffer, offset, content.byteLength);
  view.set(content);
  return view;
}

export async function stored(volume: Volume, body: Scatter): Promise<ObjectKey> {
  const key = freshKey();
  await volume.put(key, body, never);
  return key;
}

export async function read(volume: Volume, key: ObjectKey, range: ByteRange): Promise<Buffer> {
  const into = Buffer.alloc(range.end - range.start, 0xee);
  return into.subarray(0, await volume.get(key, range, [into], never));
}

export async function assertHolds(volume: Volume, key: ObjectKey, content: Uint8Array): Promise<void> {
  const got = await read(volume, key, rangeOf(0, content.byteLength + 1));
  assert.ok(got.equals(content), `${key} holds ${got.length} bytes, not the ${content.byteLength} that were put`);
}

export async function assertFails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => isFault(error, code) || assert.fail(`${String(error)} is not ${code}`));
}

export async function collect(stats: AsyncIterable<ObjectStat>): Promise<ObjectStat[]> {
  const all: ObjectStat[] = [];
  for await (const one of stats) if (one.key !== identityKey) all.push({ key: one.key, bytes: one.bytes });
  return all;
}

export async function listedKeys(volume: Volume, after?: ObjectKey): Promise<ObjectKey[]> {
  return (await collect(volume.list(after, never))).map(({ key }) => key);
}

export function abortedSignal(): AbortSignal {
  return AbortSignal.abort(new Error("stopped by the test"));
}

export function byKey(a: ObjectStat, b: ObjectStat): number {
  return a.key < b.key ? -1 : 1;
}

export const content: Buffer = sampleBytes(10_000);
