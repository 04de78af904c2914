/**
 * The shard file: a header page, sections of frames that each start on a page, the index, zeros, the footer
 * (docs/format.md, "Shard"). Sections are packed by different workers and written from where they lie, so everything
 * that can be written directly is page aligned. The shard's name is the BLAKE3 of header, index and footer; the index
 * holds the digest and checksum of every frame, so the name covers every byte without a second pass over the weights.
 */
import { type Digest, digestFromBytes } from "../../core/digest.ts";
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { type DomainName, parseDomainName } from "../../core/names.ts";
import { blake3, crc32c } from "../digests/index.ts";
import { type Frame, frameHeaderBytes, type PlacedFrame, readFrameHeader, writeFrameHeader } from "./frame.ts";

export const shardHeaderBytes = 128;
export const shardFooterBytes = 64;
const indexEntryBytes = 8 + frameHeaderBytes;
export const shardPageBytes = 4096;
const headMagic = Buffer.from("HFSHARD1");
const footMagic = Buffer.from("HFSHARDE");

export interface ShardIndex {
  readonly domain: DomainName;
  readonly digest: Digest;
  readonly bytes: number;
  readonly frames: readonly PlacedFrame[];
}

export function toPage(bytes: number): number {
  return Math.ceil(bytes / shardPageBytes) * shardPageBytes;
}

/** What index and footer of a shard take. */
function shardTailBytes(frames: number): number {
  return toPage(frames * indexEntryBytes + shardFooterBytes);
}

function writeHeader(domain: DomainName, page: Uint8Array): void {
  const name = Buffer.from(domain);
  const view = new DataView(page.buffer, page.byteOffset, shardHeaderBytes);
  page.set(headMagic, 0);
  view.setUint16(8, 1, true);
  view.setUint8(16, name.byteLength);
  page.set(name, 17);
  view.setUint32(124, crc32c(page.subarray(0, 124)), true);
}

function readShardHeader(shard: Uint8Array): DomainName {
  if (shard.byteLength < shardHeaderBytes || headMagic.compare(shard, 0, 8) !== 0) throw fault("OBJECT_CORRUPT", "not a shard: no header");
  const view = new DataView(shard.buffer, shard.byteOffset, shardHeaderBytes);
  if (view.getUint32(124, true) !== crc32c(shard.subarray(0, 124))) throw fault("OBJECT_CORRUPT", "the shard header does not match its checksum");
  if (view.getUint16(8, true) !== 1) throw fault("STORE_UNSUPPORTED", `shard format ${view.getUint16(8, true)}`);
  return parseDomainName(Buffer.from(shard.slice(17, 17 + view.getUint8(16))).toString());
}

export interface SealedShard {
  readonly digest: Digest;
  readonly bytes: number;
  /** The page before the sections, and what follows them: in shared memory, so that they can be handed to workers. */
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/**
 * Closes a shard whose frames lie in sections from the first page on. `framesEnd` is where the last section ends, on a
 * page; the offsets of the frames count from the start of the shard.
 */
export function sealShard(domain: DomainName, frames: readonly PlacedFrame[], framesEnd: number): SealedShard {
  const head = new Uint8Array(new SharedArrayBuffer(shardPageBytes));
  const tail = new Uint8Array(new SharedArrayBuffer(shardTailBytes(frames.length)));
  writeHeader(domain, head);
  const view = new DataView(tail.buffer);
  let at = 0;
  for (const frame of frames) {
    view.setBigUint64(at, BigInt(frame.offset), true);
    writeFrameHeader(frame, tail.subarray(at + 8));
    at += indexEntryBytes;
  }
  const bytes = framesEnd + tail.byteLength;
  const foot = tail.byteLength - shardFooterBytes;
  tail.set(footMagic, foot);
  view.setBigUint64(foot + 8, BigInt(framesEnd), true);
  view.setUint32(foot + 16, frames.length, true);
  view.setUint32(foot + 20, crc32c(tail.subarray(0, at)), true);
  view.setBigUint64(foot + 24, BigInt(bytes), true);
  view.setUint32(foot + 60, crc32c(tail.subarray(foot, foot + 60)), true);
  return { bytes, head, tail, digest: nameOf(head.subarray(0, shardHeaderBytes), tail.subarray(0, at), tail.subarray(foot)) };
}

function nameOf(header: Uint8Array, index: Uint8Array, footer: Uint8Array): Digest {
  return digestFromBytes(blake3(Buffer.concat([header, index, footer])));
}

export interface ShardFooter {
  readonly indexOffset: number;
  readonly frames: number;
  readonly indexCrc32c: number;
  readonly bytes: number;
}

/** Reads the footer from the last bytes of a shard. */
export function readShardFooter(tail: Uint8Array, shardBytes: number): ShardFooter {
  if (tail.byteLength < shardFooterBytes) throw fault("OBJECT_CORRUPT", "not a shard: no footer");
  const foot = tail.subarray(tail.byteLength - shardFooterBytes);
  const view = new DataView(foot.buffer, foot.byteOffset, shardFooterBytes);
  if (footMagic.compare(foot, 0, 8) !== 0 || view.getUint32(60, true) !== crc32c(foot.subarray(0, 60)))
    throw fault("OBJECT_CORRUPT", "the shard footer does not match its checksum");
  const footer = {
    indexOffset: Number(view.getBigUint64(8, true)),
    frames: view.getUint32(16, true),
    indexCrc32c: view.getUint32(20, true),
    bytes: Number(view.getBigUint64(24, true)),
  };
  const indexEnd = footer.indexOffset + footer.frames * indexEntryBytes;
  if (
    footer.bytes !== shardBytes ||
    footer.frames > limits.framesPerShardMax ||
    footer.indexOffset % shardPageBytes !== 0 ||
    footer.indexOffset < shardPageBytes
  )
    throw fault("OBJECT_CORRUPT", "the shard footer does not fit the shard");
  if (shardBytes - shardFooterBytes - indexEnd < 0 || shardBytes - shardFooterBytes - indexEnd >= shardPageBytes)
    throw fault("OBJECT_CORRUPT", "the shard index does not fit the shard");
  return footer;
}

/** The index of a shard from its three parts: header, index and footer bytes. Throws OBJECT_CORRUPT. */
export function readShardIndex(header: Uint8Array, index: Uint8Array, tail: Uint8Array, shardBytes: number): ShardIndex {
  const domain = readShardHeader(header);
  const footer = readShardFooter(tail, shardBytes);
  if (index.byteLength !== footer.frames * indexEntryBytes || crc32c(index) !== footer.indexCrc32c)
    throw fault("OBJECT_CORRUPT", "the shard index does not match its checksum");
  const frames = readEntries(index, footer);
  const digest = nameOf(header.subarray(0, shardHeaderBytes), index, tail.subarray(tail.byteLength - shardFooterBytes));
  return { domain, digest, bytes: shardBytes, frames };
}

function readEntries(index: Uint8Array, footer: ShardFooter): PlacedFrame[] {
  const view = new DataView(index.buffer, index.byteOffset, index.byteLength);
  const frames: PlacedFrame[] = [];
  let expected = shardPageBytes;
  for (let at = 0; at < index.byteLength; at += indexEntryBytes) {
    const offset = Number(view.getBigUint64(at, true));
    if (offset !== expected && offset !== toPage(expected)) throw fault("OBJECT_CORRUPT", "the frames of a shard do not follow each other");
    const frame = { ...readFrameHeader(index.subarray(at + 8, at + indexEntryBytes)), offset };
    frames.push(frame);
    expected = offset + frameHeaderBytes + frame.storedBytes;
  }
  if (toPage(expected) !== footer.indexOffset) throw fault("OBJECT_CORRUPT", "the frames of a shard do not reach its index");
  return frames;
}

export function indexRangeOf(footer: ShardFooter): { start: number; end: number } {
  return { start: footer.indexOffset, end: footer.indexOffset + footer.frames * indexEntryBytes };
}

/** The index of a shard that is whole in memory. */
export function readShard(shard: Uint8Array): ShardIndex {
  const range = indexRangeOf(readShardFooter(shard, shard.byteLength));
  return readShardIndex(shard, shard.subarray(range.start, range.end), shard, shard.byteLength);
}

/** The frames that can still be found when the footer or index of a shard is lost: all up to the first damaged header. */
export function salvageFrames(shard: Uint8Array): { domain: DomainName; frames: PlacedFrame[] } {
  const domain = readShardHeader(shard);
  const frames: PlacedFrame[] = [];
  let at = shardPageBytes;
  for (let found = frameAt(shard, at); found; found = frameAt(shard, at)) {
    frames.push(found);
    at = found.offset + frameHeaderBytes + found.storedBytes;
  }
  return { domain, frames };
}

/** The frame at an offset, or on the next page where a section ends. */
function frameAt(shard: Uint8Array, at: number): PlacedFrame | undefined {
  for (const offset of new Set([at, toPage(at)])) {
    const frame = tryFrame(shard.subarray(offset));
    if (frame && offset + frameHeaderBytes + frame.storedBytes <= shard.byteLength) return { ...frame, offset };
  }
  return undefined;
}

function tryFrame(bytes: Uint8Array): Frame | undefined {
  try {
    return readFrameHeader(bytes);
  } catch {
    return undefined;
  }
}
