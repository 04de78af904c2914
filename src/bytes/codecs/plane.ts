/** One coded plane (docs/format-encodings.md, "Coded plane"): raw, one value, or Huffman. */
import { limits } from "../../core/limits.ts";
import type { Room, Tools } from "./room.ts";
import { entropyBits, sampleRows } from "./sample.ts";
import { corrupt, type StoredReader, type StoredWriter } from "./stored.ts";

const modes = { raw: 0, constant: 1, huffman: 2 } as const;
const headBytes = 5;

/** Stored bytes of a plane of `bytes` that is kept raw. */
export function rawPlaneBytes(bytes: number): number {
  return headBytes + bytes;
}

/** Where a plane of `bytes` lies that starts at the beginning of `out` and stays raw. */
export function rawPlaneIn(out: Uint8Array, bytes: number): Uint8Array {
  return out.subarray(headBytes, headBytes + bytes);
}

/** Writes the plane in the smallest way. It may already stand in the writer's own bytes, where a raw plane would lie or behind. */
export function writePlane(tools: Tools, plane: Uint8Array, writer: StoredWriter): void {
  if (isConstant(tools, plane)) writeHead(writer, modes.constant, 1).set(plane.subarray(0, 1));
  else if (!worthCoding(tools, plane) || !writeHuffman(tools, plane, writer)) writeRaw(plane, writer);
}

function writeRaw(plane: Uint8Array, writer: StoredWriter): void {
  const place = writeHead(writer, modes.raw, plane.length);
  if (place.byteOffset !== plane.byteOffset) place.set(plane);
}

function writeHead(writer: StoredWriter, mode: number, bytes: number): Uint8Array {
  writer.u8(mode);
  writer.u32(bytes);
  return writer.skip(bytes);
}

function isConstant(tools: Tools, plane: Uint8Array): boolean {
  return plane.length > 0 && tools.kernels.equal(plane.subarray(1), plane.subarray(0, -1));
}

function worthCoding(tools: Tools, plane: Uint8Array): boolean {
  const sample = sampleRows(tools, plane, 1);
  return entropyBits(tools.kernels.countBytes(sample)) < 8 * (1 - limits.encodingGainMin) * sample.length;
}

/** False, and nothing written, when a Huffman block would not be smaller. */
function writeHuffman(tools: Tools, plane: Uint8Array, writer: StoredWriter): boolean {
  const free = writer.rest();
  const source = overlap(plane, free) ? copyInto(tools.room, plane) : plane;
  const room = free.subarray(headBytes, headBytes + Math.max(0, plane.length - 1));
  const bytes = tools.kernels.encodeHuffman(source, room);
  if (bytes > 0) writeHead(writer, modes.huffman, bytes);
  return bytes > 0;
}

function overlap(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

function copyInto(room: Room, plane: Uint8Array): Uint8Array {
  const copy = room.take(plane.length);
  copy.set(plane);
  return copy;
}

/** A plane of `length` bytes: in place where it is stored raw, in the room otherwise. Throws CHUNK_CORRUPT. */
export function readPlane(tools: Tools, reader: StoredReader, length: number): Uint8Array {
  const mode = reader.u8();
  const payload = reader.take(reader.u32());
  if (mode === modes.raw && payload.length === length) return payload;
  return fillPlane(tools, mode, payload, tools.room.take(length));
}

/** The same into a given place. */
export function readPlaneInto(tools: Tools, reader: StoredReader, out: Uint8Array): void {
  const mode = reader.u8();
  const payload = reader.take(reader.u32());
  if (mode === modes.raw && payload.length === out.length) out.set(payload);
  else fillPlane(tools, mode, payload, out);
}

function fillPlane(tools: Tools, mode: number, payload: Uint8Array, out: Uint8Array): Uint8Array {
  if (mode === modes.constant && payload.length === 1 && out.length > 0) return out.fill(payload[0] as number);
  if (mode === modes.huffman && tools.kernels.decodeHuffman(payload, out)) return out;
  throw corrupt("a plane is damaged");
}
