/**
 * External data: the bytes of a tensor in another file (onnx.ai, "External Data"). The location comes from whoever made
 * the model and is opened later, so it must be a plain path at or below the folder of the model.
 */
import { isFault } from "../../../core/errors.ts";
import { parseFilePath } from "../../../core/names.ts";
import { type ByteRange, rangeOf } from "../../../core/range.ts";
import type { Cursor } from "../cursor.ts";
import { quote } from "../file-order.ts";
import { invalid } from "../refuse.ts";
import { eachField, type Field, readText } from "./wire.ts";

const field = { key: 1, value: 2 } as const;

export interface ExternalPlace {
  readonly location: string | undefined;
  readonly range: ByteRange;
}

/** One `StringStringEntryProto` of `external_data`. */
export async function readExternalPair(cursor: Cursor, found: Field, pairs: Map<string, string>): Promise<void> {
  let key = "";
  let value = "";
  await eachField(cursor, found.end, async (part) => {
    if (part.number === field.key) key = await readText(cursor, part, "a key of external_data");
    else if (part.number === field.value) value = await readText(cursor, part, "a value of external_data");
  });
  if (pairs.has(key)) throw invalid(`external_data has ${quote(key)} twice`);
  pairs.set(key, value);
}

/** `bytes` is what type and shape need; a stated length must agree with it. */
export function externalPlace(pairs: ReadonlyMap<string, string>, name: string, bytes: number): ExternalPlace {
  const location = safeLocation(pairs.get("location") ?? "", name);
  const offset = decimal(pairs.get("offset") ?? "0", name);
  const length = decimal(pairs.get("length") ?? String(bytes), name);
  if (length !== bytes) throw invalid(`tensor ${quote(name)} has ${length} bytes of external data, its type and shape need ${bytes}`);
  if (!Number.isSafeInteger(offset + bytes)) throw invalid(`the place of tensor ${quote(name)} overflows`);
  return { location, range: rangeOf(offset, bytes) };
}

function safeLocation(text: string, name: string): string {
  const plain = text.startsWith("./") ? text.slice(2) : text;
  try {
    return parseFilePath(plain);
  } catch (error) {
    if (isFault(error, "PATH_INVALID")) throw invalid(`tensor ${quote(name)} is said to be in ${quote(text)}, which is not a path beside the model`, error);
    throw error;
  }
}

function decimal(text: string, name: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw invalid(`tensor ${quote(name)}: ${quote(text)} is not an offset or length`);
  return value;
}
