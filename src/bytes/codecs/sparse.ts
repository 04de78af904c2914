/** SPARSE16 and SPARSE32: pruned weights as a bit mask and the elements that are not zero, which are then coded as ever. */
import { type Codec, encodingIds, type Hint } from "./codec.ts";
import type { PlanarName } from "./planar/index.ts";
import { readPlane, writePlane } from "./plane.ts";
import { rawCodec } from "./raw.ts";
import type { Tools } from "./room.ts";
import { corrupt, StoredReader, StoredWriter } from "./stored.ts";

type Planar = Record<PlanarName, Codec>;

const kinds = {
  SPARSE16: { width: 2, inner: ["HUF16B", "HUF16"] },
  SPARSE32: { width: 4, inner: ["HUF32"] },
} as const satisfies Record<string, { width: 2 | 4; inner: readonly PlanarName[] }>;
export type SparseName = keyof typeof kinds;

export function sparseCodec(tools: Tools, name: SparseName, planar: Planar): Codec {
  const { width, inner } = kinds[name];
  const codecs = [rawCodec, ...inner.map((each) => planar[each])];
  return {
    id: encodingIds[name],
    name,
    encode: (raw, hint, out) => encode(tools, width, hint.element === "f16" ? planar.HUF16 : planar[inner[0]], raw, hint, out),
    decode: (stored, _base, out) => decode(tools, width, codecs, stored, out),
  };
}

function encode(tools: Tools, width: 2 | 4, inner: Codec, raw: Uint8Array, hint: Hint, out: Uint8Array): number {
  const elements = Math.floor(raw.length / width);
  const body = raw.subarray(0, elements * width);
  const mask = tools.room.take(Math.ceil(elements / 8));
  const values = tools.room.take(body.length);
  const kept = tools.kernels.compact(width, body, mask, values);
  const writer = new StoredWriter(out);
  writePlane(tools, mask, writer);
  writeValues(inner, values.subarray(0, kept * width), hint, writer);
  writer.bytes(raw.subarray(body.length));
  return writer.length;
}

const headBytes = 5;

function writeValues(inner: Codec, values: Uint8Array, hint: Hint, writer: StoredWriter): void {
  const room = writer.rest().subarray(headBytes);
  const coded = values.length < 64 ? 0 : inner.encode(values, hint, room);
  const smaller = coded > 0 && coded < values.length;
  writer.u8(smaller ? inner.id : rawCodec.id);
  writer.u32(smaller ? coded : values.length);
  if (smaller) writer.skip(coded);
  else writer.bytes(values);
}

function decode(tools: Tools, width: 2 | 4, codecs: readonly Codec[], stored: Uint8Array, out: Uint8Array): void {
  const elements = Math.floor(out.length / width);
  const body = out.subarray(0, elements * width);
  const reader = new StoredReader(stored);
  const mask = readPlane(tools, reader, Math.ceil(elements / 8));
  const kept = tools.kernels.countMask(mask, elements);
  if (kept < 0) throw corrupt("a mask goes on behind its elements");
  const values = readValues(tools, codecs, reader, kept * width);
  tools.kernels.expand(width, mask, values, body);
  out.set(reader.take(out.length - body.length), body.length);
  reader.end();
}

function readValues(tools: Tools, codecs: readonly Codec[], reader: StoredReader, bytes: number): Uint8Array {
  const id = reader.u8();
  const payload = reader.take(reader.u32());
  const codec = codecs.find((candidate) => candidate.id === id);
  if (!codec) throw corrupt(`encoding ${id} inside a sparse one`);
  if (codec === rawCodec && payload.length === bytes) return payload;
  const values = tools.room.take(bytes);
  codec.decode(payload, undefined, values);
  return values;
}
