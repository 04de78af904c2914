/** What must hold for a manifest beyond its types: the same rules before its bytes are written and after they are read. */
import { digestBytes, parseDigest } from "./digest.ts";
import { elements } from "./element.ts";
import { fault } from "./errors.ts";
import { limits } from "./limits.ts";
import type { FileEntry, Manifest, TensorEntry } from "./manifest.ts";
import { isVersionId, parseDomainName, parseFilePath, parseModelName, refuseCollisions } from "./names.ts";
import { compareUtf8 } from "./order.ts";
import { checkRuns, countChunks } from "./runs.ts";

const elementSet: ReadonlySet<string> = new Set(elements);

/**
 * Throws NAME_INVALID, PATH_INVALID or PATH_COLLISION for names, LIMIT_EXCEEDED for counts, ARGUMENT_INVALID for the rest.
 * Linear in files, tensors and chunks.
 */
export function checkManifest(manifest: Manifest): void {
  parseDomainName(manifest.domain);
  if (parseModelName(manifest.model) !== manifest.model) refuse(`model ${manifest.model} has no namespace`);
  if (manifest.parent !== undefined && !isVersionId(manifest.parent)) refuse("the parent is not a version id");
  requireText(manifest.message, "message");
  if (manifest.files.length > limits.filesPerVersionMax) exceed(`${manifest.files.length} files in one version`);
  checkOrder(manifest.files);
  for (const file of manifest.files) checkFile(file);
  refuseCollisions(manifest.files.map((file) => file.path));
}

function checkOrder(files: readonly FileEntry[]): void {
  let before: string | undefined;
  for (const { path } of files) {
    if (before !== undefined && compareUtf8(before, path) >= 0) refuse(`${JSON.stringify(path)} comes after ${JSON.stringify(before)}`);
    before = path;
  }
}

function checkFile(file: FileEntry): void {
  parseFilePath(file.path);
  parseDigest(file.sha256);
  requireText(file.format, "format");
  requireCount(file.bytes, "file size");
  checkTensors(file);
  checkRuns(file.runs, file.bytes);
  if (file.runs.some((run) => !elementSet.has(run.element))) refuse("a run has an element that is not in the table");
  const due = countChunks(file.runs) * digestBytes;
  if (file.digests.byteLength !== due) refuse(`${file.path}: ${file.digests.byteLength} bytes of digests where ${due} belong`);
}

function checkTensors(file: FileEntry): void {
  if (file.tensors.length > limits.tensorsMax) exceed(`${file.tensors.length} tensors in ${file.path}`);
  let before = 0;
  for (const tensor of file.tensors) {
    checkTensor(tensor, file.bytes);
    if (tensor.range.start < before) refuse(`${file.path}: tensor ${tensor.name} is not in the order of its bytes`);
    before = tensor.range.start;
  }
}

function checkTensor({ name, dtype, element, shape, range }: TensorEntry, fileBytes: number): void {
  requireText(name, "tensor name");
  requireText(dtype, "dtype");
  if (!elementSet.has(element)) refuse(`tensor ${name}: no element ${element}`);
  if (shape.length > limits.tensorRankMax) exceed(`tensor ${name} has ${shape.length} dimensions`);
  for (const dimension of shape) requireCount(dimension, `a dimension of ${name}`);
  requireCount(range.start, `start of ${name}`);
  if (!Number.isSafeInteger(range.end) || range.end < range.start || range.end > fileBytes) refuse(`tensor ${name} reaches beyond its file`);
}

function requireText(text: string, what: string): void {
  if (!text.isWellFormed()) refuse(`${what} ${JSON.stringify(text.slice(0, 200))} has a lone surrogate`);
}

function requireCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) refuse(`${what} is ${value}`);
}

function refuse(what: string): never {
  throw fault("ARGUMENT_INVALID", `manifest: ${what}`);
}

function exceed(what: string): never {
  throw fault("LIMIT_EXCEEDED", `manifest: ${what}`);
}
