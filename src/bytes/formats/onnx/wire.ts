/** As much of the protobuf wire format as a walk over foreign messages needs (protobuf.dev, "Encoding"). */
import { limits } from "../../../core/limits.ts";
import type { Cursor } from "../cursor.ts";
import { invalid } from "../refuse.ts";
import { textOf } from "../text.ts";

const varintBytesMax = 10;
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export interface Field {
  readonly number: number;
  readonly wire: number;
  /** Of a varint; above 2^53 (and so for every negative number) not exact. */
  readonly value: number;
  /** Where the field ends in the file. */
  readonly end: number;
}

/**
 * Visits the fields of the message that ends at `end`. The cursor stands at the payload of the field; what the visitor
 * leaves unread is jumped over, so the bytes of tensors are never fetched.
 */
export async function eachField(cursor: Cursor, end: number, visit: (field: Field) => Promise<void> | void): Promise<void> {
  while (cursor.position < end) {
    const field = await readField(cursor, end);
    const visited = visit(field);
    if (visited) await visited;
    if (cursor.position > field.end) throw invalid(`a message runs over its end at byte ${field.end}`);
    cursor.skip(field.end - cursor.position);
  }
}

async function readVarint(cursor: Cursor): Promise<number> {
  const bytes = Math.min(varintBytesMax, cursor.remaining);
  if (cursor.lacks(bytes)) await cursor.fill(bytes);
  let value = 0;
  let unit = 1;
  for (let index = 0; index < bytes; index++) {
    const byte = cursor.u8();
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return value;
    unit *= 128;
  }
  throw invalid(`a number without end at byte ${cursor.position}`);
}

/** The numbers of a repeated integer field, which may be packed or come one by one. */
export async function readVarints(cursor: Cursor, field: Field, countMax: number): Promise<number[]> {
  if (field.wire === wire.varint) return [field.value];
  const values: number[] = [];
  while (cursor.position < field.end) {
    if (values.length === countMax) throw invalid(`a list of more than ${countMax} numbers`);
    values.push(await readVarint(cursor));
  }
  return values;
}

export async function readText(cursor: Cursor, field: Field, what: string): Promise<string> {
  const length = field.end - cursor.position;
  if (field.wire !== wire.bytes || length > limits.tensorNameBytesMax) throw invalid(`${what} is not a string of at most ${limits.tensorNameBytesMax} bytes`);
  if (cursor.lacks(length)) await cursor.fill(length);
  return textOf(cursor.view(length), what);
}

async function readField(cursor: Cursor, end: number): Promise<Field> {
  const tag = await readVarint(cursor);
  const number = Math.floor(tag / 8);
  const kind = tag % 8;
  if (number < 1 || number > 0x1fffffff) throw invalid(`${number} cannot be the number of a field`);
  const value = kind === wire.varint || kind === wire.bytes ? await readVarint(cursor) : 0;
  const fieldEnd = cursor.position + payloadBytes(kind, value);
  if (fieldEnd > end) throw invalid(`field ${number} ends at byte ${fieldEnd}, the message around it at ${end}`);
  return { number, wire: kind, value, end: fieldEnd };
}

function payloadBytes(kind: number, length: number): number {
  if (kind === wire.varint) return 0;
  if (kind === wire.bytes) return length;
  if (kind === wire.fixed32) return 4;
  if (kind === wire.fixed64) return 8;
  throw invalid(`a field of the wire type ${kind}, which ONNX does not use`);
}
