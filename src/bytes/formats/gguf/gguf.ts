/** GGUF versions 2 and 3, little-endian (github.com/ggml-org/ggml, docs/gguf.md). */
import type { TensorEntry } from "../../../core/manifest.ts";
import { Cursor } from "../cursor.ts";
import type { Format, RangeReader } from "../format.ts";
import { invalid, unsupported } from "../refuse.ts";
import { pairBytesMin, readAlignment } from "./metadata.ts";
import { infoBytesMin, placed, readInfos } from "./tensors.ts";

const magic = Buffer.from("GGUF");
const preludeBytes = 24;
const noExternal: ReadonlyMap<string, never> = new Map<string, never>();

async function readTensors(file: RangeReader): Promise<readonly TensorEntry[]> {
  const cursor = new Cursor(file);
  await cursor.fill(preludeBytes);
  if (!magic.equals(cursor.view(magic.length))) throw invalid('the file does not begin with "GGUF"');
  refuseVersion(cursor.u32());
  const tensorCount = cursor.size();
  const pairCount = cursor.size();
  refuseCounts(tensorCount, pairCount, cursor.remaining);
  const alignment = await readAlignment(cursor, pairCount);
  const tensors = await readInfos(cursor, tensorCount);
  return placed(tensors, cursor.position, alignment, file.bytes);
}

function refuseVersion(version: number): void {
  if (version === 2 || version === 3) return;
  if (version !== 0 && (version & 0xffff) === 0) throw unsupported("a big-endian GGUF file");
  throw unsupported(`GGUF version ${version}; 2 and 3 are read`);
}

/** Counts that could not fit in the file are known for lies before anything is built for them. */
function refuseCounts(tensorCount: number, pairCount: number, remaining: number): void {
  if (tensorCount > remaining / infoBytesMin || pairCount > remaining / pairBytesMin)
    throw invalid(`${tensorCount} tensors and ${pairCount} metadata pairs are announced, ${remaining} bytes follow`);
}

export const gguf: Format = {
  name: "gguf",
  claims: (fileName) => fileName.endsWith(".gguf"),
  probe: (head) => magic.equals(head.subarray(0, magic.length)),
  layout: async (file) => ({ format: "gguf", tensors: await readTensors(file), external: noExternal }),
};
