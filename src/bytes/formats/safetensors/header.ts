/**
 * The header of a safetensors file: u64 length, JSON, then the tensors' bytes to the end of the file, without holes
 * (github.com/huggingface/safetensors, README, "Format"). The cover rule is what keeps a second file from hiding in one.
 */
import { limits } from "../../../core/limits.ts";
import type { TensorEntry } from "../../../core/manifest.ts";
import { rangeOf } from "../../../core/range.ts";
import { byPosition, quote } from "../file-order.ts";
import type { RangeReader } from "../format.ts";
import { readWithin } from "../range-reader.ts";
import { invalid, unsupported } from "../refuse.ts";
import { elementCount, packedBytes } from "../shape.ts";
import { StrictJson } from "../strict-json.ts";
import { safetensorsTypes } from "./dtypes.ts";

export const prefixBytes = 8;
const metadataKey = "__metadata__";
const depthMax = 4;

/** The tensors in file order. Errors: FORMAT_INVALID, FORMAT_UNSUPPORTED. */
export async function readTensors(file: RangeReader): Promise<readonly TensorEntry[]> {
  const prefix = await readWithin(file, rangeOf(0, prefixBytes), "the header length");
  const json = await readWithin(file, rangeOf(prefixBytes, headerLength(prefix)), "the end of its header");
  const dataStart = prefixBytes + json.length;
  return covering(parseTensors(json, dataStart), dataStart, file.bytes);
}

/** The `__metadata__` map of a header, given bytes that begin where the file begins and hold the whole header. */
export function safetensorsMetadata(head: Uint8Array): ReadonlyMap<string, string> {
  if (head.length < prefixBytes) throw invalid("the header is cut short");
  const end = prefixBytes + headerLength(head);
  if (head.length < end) throw invalid("the header is cut short");
  const metadata = new Map<string, string>();
  parseHeader(head.subarray(prefixBytes, end), metadata, (json) => json.skipValue());
  return metadata;
}

function headerLength(prefix: Uint8Array): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes).getBigUint64(0, true);
  if (length > BigInt(limits.headerBytesMax)) throw invalid(`a header of ${length} bytes; at most ${limits.headerBytesMax} are read`);
  return Number(length);
}

function parseTensors(json: Uint8Array, dataStart: number): TensorEntry[] {
  const tensors: TensorEntry[] = [];
  parseHeader(json, undefined, (reader, name) => {
    if (tensors.length === limits.tensorsMax) throw invalid(`more than ${limits.tensorsMax} tensors`);
    tensors.push(parseTensor(reader, name, dataStart));
  });
  return tensors;
}

/** Walks the header; metadata is kept where a map is given and only checked otherwise. */
function parseHeader(bytes: Uint8Array, metadata: Map<string, string> | undefined, tensor: (json: StrictJson, name: string) => void): void {
  if (bytes[0] !== 0x7b) throw invalid('the header does not begin with "{"');
  const json = new StrictJson(bytes, depthMax);
  json.object((name) => {
    if (name !== metadataKey) tensor(json, name);
    else json.object((key) => (metadata ? void metadata.set(key, json.string(bytes.length)) : void json.skipString()));
  });
  json.end();
}

function parseTensor(json: StrictJson, name: string, dataStart: number): TensorEntry {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object((key) => {
    if (key === "dtype") dtype = json.string();
    // A copy has room for its numbers alone; a list that grew has room for 17, and there may be a million of them.
    else if (key === "shape") shape = integers(json, limits.tensorRankMax).slice();
    else if (key === "data_offsets") offsets = integers(json, 2);
    else throw invalid(`tensor ${quote(name)} has the unknown field ${quote(key)}`);
  });
  const [begin, end] = offsets ?? [];
  if (dtype === undefined || !shape || begin === undefined || end === undefined)
    throw invalid(`tensor ${quote(name)} needs a dtype, a shape and two data_offsets`);
  const type = safetensorsTypes.get(dtype);
  if (!type) throw unsupported(`tensor ${quote(name)} has the unknown dtype ${quote(dtype)}`);
  if (end - begin !== packedBytes(elementCount(shape), type.bits))
    throw invalid(`tensor ${quote(name)}: ${dtype} [${shape.join(", ")}] does not fill bytes ${begin} to ${end}`);
  return { name, dtype: type.name, element: type.element, shape, range: { start: dataStart + begin, end: dataStart + end } };
}

function integers(json: StrictJson, countMax: number): number[] {
  const list: number[] = [];
  json.array(() => {
    if (list.length === countMax) throw invalid(`a list of more than ${countMax} numbers`);
    list.push(json.integer());
  });
  return list;
}

function covering(tensors: TensorEntry[], dataStart: number, fileBytes: number): readonly TensorEntry[] {
  tensors.sort(byPosition);
  let end = dataStart;
  for (const { name, range } of tensors) {
    if (range.start !== end) throw invalid(`tensor ${quote(name)} begins at byte ${range.start}, the one before it ends at ${end}`);
    end = range.end;
  }
  if (end !== fileBytes) throw invalid(`the tensors end at byte ${end} of a file of ${fileBytes}`);
  return tensors;
}
