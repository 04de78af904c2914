/** The bytes of a manifest (docs/format-manifest.md): one canonical sequence for each manifest, so that its digest can be its name. */
import { CborReader, CborWriter } from "./cbor.ts";
import { type Digest, digestBytes, digestToBytes } from "./digest.ts";
import { type Element, elements } from "./element.ts";
import { fault, type HoldfastError, isFault } from "./errors.ts";
import { limits } from "./limits.ts";
import type { FileEntry, Manifest, Run, TensorEntry } from "./manifest.ts";
import { checkManifest } from "./manifest-check.ts";
import type { DomainName, FilePath, ModelName, VersionId } from "./names.ts";

const magic = "holdfast-manifest";
const formatNumber = 1;
const versionIdBytes = 20;
const runKinds = { even: 0, tiled: 1, content: 2 } as const;
const elementNumbers = new Map(elements.map((element, number) => [element, number]));

/** Throws what `checkManifest` throws, and LIMIT_EXCEEDED above `limits.manifestBytesMax`. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  checkManifest(manifest);
  const out = new CborWriter();
  writeManifest(out, manifest);
  const bytes = out.finish();
  if (bytes.byteLength > limits.manifestBytesMax) throw fault("LIMIT_EXCEEDED", `a manifest of ${bytes.byteLength} bytes`);
  return bytes;
}

/**
 * Reads exactly what `encodeManifest` writes. Nothing in the answer shares memory with `bytes`.
 * Throws OBJECT_CORRUPT for anything else, STORE_UNSUPPORTED for a newer format number.
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  if (bytes.byteLength > limits.manifestBytesMax) throw fault("OBJECT_CORRUPT", `a manifest of ${bytes.byteLength} bytes`);
  const manifest = readManifest(new CborReader(bytes));
  try {
    checkManifest(manifest);
  } catch (cause) {
    if (!isFault(cause)) throw cause;
    throw fault("OBJECT_CORRUPT", `a manifest breaks a rule of its format: ${(cause as HoldfastError).message}`, { cause });
  }
  return manifest;
}

function writeManifest(out: CborWriter, { domain, model, parent, message, files }: Manifest): void {
  out.array(7);
  out.text(magic);
  out.uint(formatNumber);
  out.text(domain);
  out.text(model);
  if (parent === undefined) out.null();
  else out.bytes(Buffer.from(parent, "hex"));
  out.text(message);
  out.array(files.length);
  for (const file of files) writeFile(out, file);
}

function writeFile(out: CborWriter, file: FileEntry): void {
  out.array(7);
  out.text(file.path);
  out.uint(file.bytes);
  out.bytes(digestToBytes(file.sha256));
  out.text(file.format);
  out.array(file.tensors.length);
  for (const tensor of file.tensors) writeTensor(out, tensor);
  out.array(file.runs.length);
  for (const run of file.runs) writeRun(out, run);
  out.bytes(file.digests);
}

function writeTensor(out: CborWriter, { name, dtype, element, shape, range }: TensorEntry): void {
  out.array(6);
  out.text(name);
  out.text(dtype);
  out.uint(elementNumbers.get(element) as number);
  out.array(shape.length);
  for (const dimension of shape) out.uint(dimension);
  out.uint(range.start);
  out.uint(range.end - range.start);
}

function writeRun(out: CborWriter, run: Run): void {
  const element = elementNumbers.get(run.element) as number;
  if (run.kind === "even") writeNumbers(out, [runKinds.even, element, run.bytes, run.step]);
  else if (run.kind === "tiled") writeNumbers(out, [runKinds.tiled, element, run.bytes, run.rowBytes, run.columns, run.bandRows]);
  else {
    out.array(3);
    out.uint(runKinds.content);
    out.uint(element);
    out.bytes(packLengths(run.lengths));
  }
}

function writeNumbers(out: CborWriter, numbers: readonly number[]): void {
  out.array(numbers.length);
  for (const number of numbers) out.uint(number);
}

function packLengths(lengths: readonly number[]): Uint8Array {
  const packed = Buffer.allocUnsafe(lengths.length * 4);
  lengths.forEach((length, index) => packed.writeUInt32LE(length, index * 4));
  return packed;
}

function readManifest(from: CborReader): Manifest {
  const items = from.array();
  if (from.text() !== magic) from.refuse("not a manifest");
  const format = from.uint();
  if (format > formatNumber)
    throw fault("STORE_UNSUPPORTED", `manifest format ${format}; this Holdfast reads up to ${formatNumber}`, {
      advice: "Use a newer Holdfast to read this version.",
    });
  if (format !== formatNumber || items !== 7) from.refuse("a manifest head that no format has");
  const domain = from.text() as DomainName;
  const model = from.text() as ModelName;
  const parent = from.null() ? undefined : (from.hex(versionIdBytes) as VersionId);
  const message = from.text();
  const files = readList(from, readFile);
  from.end();
  return { domain, model, parent, message, files };
}

function readList<T>(from: CborReader, readItem: (from: CborReader) => T): T[] {
  const items: T[] = [];
  for (let left = from.array(); left > 0; left--) items.push(readItem(from));
  return items;
}

function readFile(from: CborReader): FileEntry {
  from.record(7);
  return {
    path: from.text() as FilePath,
    bytes: from.uint(),
    sha256: from.hex(digestBytes) as Digest,
    format: from.text(),
    tensors: readList(from, readTensor),
    runs: readRuns(from),
    digests: from.bytes(),
  };
}

function readTensor(from: CborReader): TensorEntry {
  from.record(6);
  const name = from.text();
  const dtype = from.text();
  const element = readElement(from);
  const shape = readList(from, readNumber);
  const start = from.uint();
  return { name, dtype, element, shape, range: { start, end: start + from.uint() } };
}

function readNumber(from: CborReader): number {
  return from.uint();
}

function readElement(from: CborReader): Element {
  return elements[from.uint()] ?? from.refuse("an element that is not in the table");
}

function readRuns(from: CborReader): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let left = from.array(); left > 0; left--) {
    const run = readRun(from, start);
    runs.push(run);
    start += run.bytes;
  }
  return runs;
}

const runReaders = [readEven, readTiled, readContent] as const;
const runItems = [4, 6, 3] as const;

function readRun(from: CborReader, start: number): Run {
  const items = from.array();
  const kind = from.uint();
  const read = runReaders[kind] ?? from.refuse(`a run of kind ${kind}`);
  if (items !== runItems[kind]) from.refuse(`a run of kind ${kind} with ${items} items`);
  return read(from, start, readElement(from));
}

function readEven(from: CborReader, start: number, element: Element): Run {
  return { kind: "even", start, bytes: from.uint(), step: from.uint(), element };
}

function readTiled(from: CborReader, start: number, element: Element): Run {
  return { kind: "tiled", start, bytes: from.uint(), rowBytes: from.uint(), columns: from.uint(), bandRows: from.uint(), element };
}

function readContent(from: CborReader, start: number, element: Element): Run {
  const packed = Buffer.from(from.bytes().buffer);
  if (packed.byteLength % 4 !== 0) from.refuse("lengths of chunks that are cut off");
  const lengths: number[] = [];
  let bytes = 0;
  for (let at = 0; at < packed.byteLength; at += 4) bytes += lengths[lengths.push(packed.readUInt32LE(at)) - 1] as number;
  return { kind: "content", start, lengths, bytes, element };
}
