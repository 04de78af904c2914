/** The bytes of one line of the ref log (docs/format.md, "Ref log"): canonical CBOR, one object a line. */
import { CborReader, CborWriter } from "../../core/cbor.ts";
import { fault } from "../../core/errors.ts";
import { parseModelName, parseRefName, type VersionId } from "../../core/names.ts";
import type { RefLogEntry } from "../../places/catalog/index.ts";

const magic = "holdfast-reflog";
const formatNumber = 1;

export function encodeLogEntry(entry: RefLogEntry): Uint8Array {
  const out = new CborWriter();
  out.array(9);
  out.text(magic);
  out.uint(formatNumber);
  out.uint(entry.sequence);
  out.text(entry.model);
  out.text(entry.ref);
  for (const version of [entry.from, entry.to]) {
    if (version === undefined) out.null();
    else out.bytes(Buffer.from(version, "hex"));
  }
  out.uint(Math.trunc(entry.at));
  out.text(entry.opId);
  return out.finish();
}

/** Throws OBJECT_CORRUPT, STORE_UNSUPPORTED. */
export function decodeLogEntry(bytes: Uint8Array): RefLogEntry {
  const input = new CborReader(bytes);
  input.record(9);
  if (input.text() !== magic) input.refuse("something else where a line of the ref log belongs");
  const format = input.uint();
  if (format !== formatNumber) throw fault("STORE_UNSUPPORTED", `ref log format ${format}`);
  const sequence = input.uint();
  const model = parseModelName(input.text());
  const ref = parseRefName(input.text());
  const [from, to] = [readVersion(input), readVersion(input)];
  const entry = { sequence, model, ref, from, to, at: input.uint(), opId: input.text() };
  input.end();
  return entry;
}

function readVersion(input: CborReader): VersionId | undefined {
  return input.null() ? undefined : (input.hex(20) as VersionId);
}
