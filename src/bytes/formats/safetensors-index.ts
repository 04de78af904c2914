/**
 * `*.safetensors.index.json` and `*.bin.index.json`: which part of a model holds which tensor. The paths in it come from
 * whoever made the model, so each goes through the one parser of file paths before anyone opens it.
 */
import { isFault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { type FilePath, parseFilePath } from "../../core/names.ts";
import { quote } from "./file-order.ts";
import { invalid } from "./refuse.ts";
import { StrictJson } from "./strict-json.ts";

const depthMax = 8;

export function isSafetensorsIndex(fileName: string): boolean {
  return fileName.endsWith(".safetensors.index.json");
}

/** Tensor name → path of its part, relative to the folder of the index. Errors: FORMAT_INVALID. */
export function parseSafetensorsIndex(bytes: Uint8Array): ReadonlyMap<string, FilePath> {
  if (bytes.length > limits.headerBytesMax) throw invalid(`an index of ${bytes.length} bytes; at most ${limits.headerBytesMax} are read`);
  const json = new StrictJson(bytes, depthMax);
  let weights: Map<string, FilePath> | undefined;
  json.object((key) => {
    if (key === "weight_map") weights = parseWeightMap(json);
    else json.skipValue();
  });
  json.end();
  if (!weights) throw invalid("the index has no weight_map");
  return weights;
}

function parseWeightMap(json: StrictJson): Map<string, FilePath> {
  const weights = new Map<string, FilePath>();
  json.object((name) => {
    if (weights.size === limits.tensorsMax) throw invalid(`more than ${limits.tensorsMax} tensors`);
    weights.set(name, partPath(json.string(), name));
  });
  return weights;
}

function partPath(text: string, name: string): FilePath {
  try {
    return parseFilePath(text);
  } catch (error) {
    if (isFault(error, "PATH_INVALID")) throw invalid(`the weight_map sends ${quote(name)} to ${quote(text)}, which is not a path beside the index`, error);
    throw error;
  }
}
