/** One `TensorProto`: where its elements lie, in this file or in another. */
import { limits } from "../../../core/limits.ts";
import type { TensorEntry } from "../../../core/manifest.ts";
import { type ByteRange, lengthOf, rangeOf } from "../../../core/range.ts";
import type { Cursor } from "../cursor.ts";
import { quote } from "../file-order.ts";
import { invalid, unsupported } from "../refuse.ts";
import { elementCount } from "../shape.ts";
import { type ExternalPlace, externalPlace, readExternalPair } from "./external.ts";
import { type OnnxType, onnxTypes, stringType } from "./types.ts";
import { eachField, type Field, readText, readVarints, wire } from "./wire.ts";

const field = { dims: 1, dataType: 2, floatData: 4, name: 8, rawData: 9, doubleData: 10, externalData: 13, dataLocation: 14 } as const;
const locationExternal = 1;

export interface OnnxTensor {
  readonly entry: TensorEntry;
  /** The file that holds the bytes, or undefined for this one. */
  readonly location: string | undefined;
}

interface Parts {
  name: string;
  readonly dims: number[];
  dataType: number;
  external: boolean;
  readonly pairs: Map<string, string>;
  /** By field: the payloads of `raw_data`, `float_data` and `double_data`. */
  readonly payloads: Map<number, ByteRange[]>;
}

/** Undefined for a tensor whose elements are not plain bytes anywhere: strings, and integers written as varints. */
export async function readTensor(cursor: Cursor, end: number, prefix: string): Promise<OnnxTensor | undefined> {
  const parts: Parts = { name: "", dims: [], dataType: 0, external: false, pairs: new Map(), payloads: new Map() };
  await eachField(cursor, end, (found) => readPart(cursor, found, parts));
  if (parts.name === "") throw invalid("an initializer without a name");
  if (parts.dataType === stringType) return undefined;
  const type = onnxTypes.get(parts.dataType);
  if (!type) throw unsupported(`tensor ${quote(parts.name)} has the unknown data type ${parts.dataType}`);
  const place = placeOf(parts, type, Math.ceil((elementCount(parts.dims) * type.bits) / 8));
  if (!place) return undefined;
  return { entry: { name: prefix + parts.name, dtype: type.name, element: type.element, shape: parts.dims, range: place.range }, location: place.location };
}

async function readPart(cursor: Cursor, found: Field, parts: Parts): Promise<void> {
  switch (found.number) {
    case field.dims:
      await readDims(cursor, found, parts.dims);
      break;
    case field.dataType:
      parts.dataType = found.value;
      break;
    case field.name:
      parts.name = await readText(cursor, found, "a tensor name");
      break;
    case field.externalData:
      await readExternalPair(cursor, found, parts.pairs);
      break;
    case field.dataLocation:
      parts.external = found.value === locationExternal;
      break;
    case field.rawData:
    case field.floatData:
    case field.doubleData:
      notePayload(cursor.position, found, parts.payloads);
  }
}

async function readDims(cursor: Cursor, found: Field, dims: number[]): Promise<void> {
  dims.push(...(await readVarints(cursor, found, limits.tensorRankMax)));
  if (dims.length > limits.tensorRankMax) throw invalid(`a tensor of more than ${limits.tensorRankMax} dimensions`);
}

function notePayload(start: number, found: Field, payloads: Map<number, ByteRange[]>): void {
  if (found.wire !== wire.bytes) return;
  const list = payloads.get(found.number) ?? [];
  payloads.set(found.number, list);
  if (list.length < 2) list.push({ start, end: found.end });
}

function placeOf(parts: Parts, type: OnnxType, bytes: number): ExternalPlace | undefined {
  if (!Number.isSafeInteger(bytes)) throw invalid(`the size of tensor ${quote(parts.name)} overflows`);
  const raw = parts.payloads.get(field.rawData);
  if (parts.external) {
    if (raw) throw invalid(`tensor ${quote(parts.name)} has bytes here and says that they are elsewhere`);
    return externalPlace(parts.pairs, parts.name, bytes);
  }
  if (raw) return { location: undefined, range: rawRange(raw, parts.name, bytes) };
  const plain = type.plainField === undefined ? undefined : parts.payloads.get(type.plainField);
  const [only] = plain ?? [];
  return only && plain?.length === 1 && lengthOf(only) === bytes ? { location: undefined, range: only } : undefined;
}

function rawRange(raw: readonly ByteRange[], name: string, bytes: number): ByteRange {
  const [only] = raw;
  if (!only || raw.length > 1) throw invalid(`tensor ${quote(name)} has its raw_data twice`);
  if (lengthOf(only) !== bytes) throw invalid(`tensor ${quote(name)} has ${lengthOf(only)} bytes of raw_data, its type and shape need ${bytes}`);
  return rangeOf(only.start, bytes);
}
