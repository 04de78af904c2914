/** docs/format.md against the code: objects written here by hand, from the tables of the page, byte by byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { blake3 as otherBlake3, crc32 as otherCrc32 } from "hash-wasm";
import { checkShard, type PlacedFrame, readShard, salvageFrames, sealShard, writeFrameHeader } from "../../src/bytes/shards/index.ts";
import { isFault } from "../../src/core/errors.ts";
import { parseDomainName } from "../../src/core/names.ts";
import { decodeIdentity, encodeIdentity } from "../../src/places/volumes/identity.ts";

const page = 4096;
/** CRC32C and BLAKE3 by a second implementation. */
const castagnoli = async (bytes: Uint8Array): Promise<number> => Number.parseInt(await otherCrc32(bytes, 0x82f63b78), 16);
const blake3 = async (bytes: Uint8Array): Promise<Buffer> => Buffer.from(await otherBlake3(bytes), "hex");

interface Chunk {
  readonly raw: Buffer;
  readonly base?: Buffer;
  readonly depth: number;
}

async function frameByHand({ raw, base, depth }: Chunk): Promise<Buffer> {
  const header = Buffer.alloc(96);
  header.write("HFR1", 0, "latin1");
  header.writeUInt8(0, 4);
  header.writeUInt8(1, 5);
  header.writeUInt8(base ? 1 : 0, 6);
  header.writeUInt8(depth, 7);
  header.writeUInt32LE(raw.length, 8);
  header.writeUInt32LE(raw.length, 12);
  header.writeUInt32LE(await castagnoli(raw), 16);
  (await blake3(raw)).copy(header, 24);
  base?.copy(header, 56);
  header.writeUInt32LE(await castagnoli(header.subarray(0, 92)), 92);
  return Buffer.concat([header, raw]);
}

function padded(parts: readonly Buffer[], end = 0): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([...parts, Buffer.alloc((page - ((bytes + end) % page)) % page)]);
}

async function shardByHand(domain: string, sections: readonly (readonly Chunk[])[]): Promise<{ readonly shard: Buffer; readonly name: string }> {
  const header = Buffer.alloc(128);
  header.write("HFSHARD1", 0, "latin1");
  header.writeUInt16LE(1, 8);
  header.writeUInt8(domain.length, 16);
  header.write(domain, 17, "latin1");
  header.writeUInt32LE(await castagnoli(header.subarray(0, 124)), 124);
  const entries: Buffer[] = [];
  let body = padded([header]);
  for (const section of sections) {
    const frames = await Promise.all(section.map(frameByHand));
    let at = body.length;
    for (const frame of frames) {
      const offset = Buffer.alloc(8);
      offset.writeBigUInt64LE(BigInt(at));
      entries.push(offset, frame.subarray(0, 96));
      at += frame.length;
    }
    body = Buffer.concat([body, padded(frames)]);
  }
  const index = Buffer.concat(entries);
  const tail = padded([index], 64);
  const footer = Buffer.alloc(64);
  footer.write("HFSHARDE", 0, "latin1");
  footer.writeBigUInt64LE(BigInt(body.length), 8);
  footer.writeUInt32LE(entries.length / 2, 16);
  footer.writeUInt32LE(await castagnoli(index), 20);
  footer.writeBigUInt64LE(BigInt(body.length + tail.length + 64), 24);
  footer.writeUInt32LE(await castagnoli(footer.subarray(0, 60)), 60);
  const name = await blake3(Buffer.concat([header, index, footer]));
  return { shard: Buffer.concat([body, tail, footer]), name: name.toString("hex") };
}

const bytes = (length: number, seed: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => (at * 31 + seed * 7) & 255));
const alone = { raw: bytes(300, 1), depth: 0 };
const sections = [[alone, { raw: bytes(1, 2), depth: 0 }], [{ raw: bytes(5000, 3), depth: 4, base: bytes(32, 9) }]];

test("the check value of CRC32C is the one that the page names", async () => {
  assert.equal(await castagnoli(Buffer.from("123456789")), 0xe3069283);
  assert.notEqual(crc32("123456789"), 0xe3069283, "and it is not the other CRC32");
});

test("a shard written by the page is read by the code, and the code writes the same", async () => {
  const { shard, name } = await shardByHand("acme", sections);
  const index = readShard(shard);
  assert.equal(index.digest, name);
  assert.equal(index.domain, "acme");
  assert.deepEqual(
    index.frames.map(({ offset, rawBytes, depth }) => [offset, rawBytes, depth]),
    [
      [page, 300, 0],
      [page + 96 + 300, 1, 0],
      [2 * page, 5000, 4],
    ],
  );
  assert.deepEqual(checkShard(shard), { digest: name, problem: undefined, damagedFrames: [] });
  const indexOffset = Number(shard.readBigUInt64LE(shard.length - 64 + 8));
  const sealed = sealShard(parseDomainName("acme"), index.frames, indexOffset);
  assert.equal(sealed.digest, name);
  assert.deepEqual(Buffer.from(sealed.head), shard.subarray(0, page));
  assert.deepEqual(Buffer.from(sealed.tail), shard.subarray(indexOffset));
  const header = Buffer.alloc(96);
  writeFrameHeader(index.frames[2] as PlacedFrame, header);
  assert.deepEqual(header, shard.subarray(2 * page, 2 * page + 96));
});

test("a flipped bit anywhere in a shard is found", async () => {
  const { shard, name } = await shardByHand("acme", sections);
  for (let at = 0; at < shard.length; at++) {
    const bit = 1 << (at % 8);
    shard.writeUInt8(shard.readUInt8(at) ^ bit, at);
    const verdict = checkShard(shard);
    assert.ok(verdict.problem !== undefined || verdict.digest !== name, `byte ${at} of ${shard.length}`);
    shard.writeUInt8(shard.readUInt8(at) ^ bit, at);
  }
});

test("a shard cut off anywhere is no shard, and its whole frames are found from the front", async () => {
  const { shard } = await shardByHand("acme", sections);
  for (let end = 0; end < shard.length; end += 97)
    assert.throws(
      () => readShard(shard.subarray(0, end)),
      (error) => isFault(error, "OBJECT_CORRUPT"),
      `cut at ${end}`,
    );
  const index = readShard(shard);
  assert.deepEqual(salvageFrames(shard.subarray(0, shard.length - page)).frames, index.frames);
  assert.deepEqual(salvageFrames(shard.subarray(0, 2 * page + 200)).frames, index.frames.slice(0, 2), "the third is cut off");
});

test("a format number of tomorrow is not taken for damage", async () => {
  const { shard } = await shardByHand("acme", sections);
  shard.writeUInt16LE(2, 8);
  shard.writeUInt32LE(await castagnoli(shard.subarray(0, 124)), 124);
  assert.throws(
    () => readShard(shard),
    (error) => isFault(error, "STORE_UNSUPPORTED"),
  );
});

test("an identity written by the page is read by the code, and the code writes the same", async () => {
  const [cluster, volume] = ["c".repeat(32), "0123456789abcdef".repeat(2)];
  const facts = `"format":"holdfast-volume","version":1,"cluster":"${cluster}","volume":"${volume}","name":"a"`;
  const checksum = (await blake3(Buffer.from(`{${facts}}`))).toString("hex");
  const line = `{${facts},"checksum":"${checksum}"}\n`;
  assert.deepEqual(decodeIdentity(Buffer.from(line), "here"), { clusterId: cluster, volumeId: volume, name: "a" });
  assert.equal(Buffer.from(encodeIdentity({ clusterId: cluster, volumeId: volume, name: "a" })).toString(), line);
  assert.throws(
    () => decodeIdentity(Buffer.from(line.replace('"a"', '"b"')), "here"),
    (error) => isFault(error, "OBJECT_CORRUPT"),
  );
});
