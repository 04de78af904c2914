/** How the tensors of a model will be split by ranks, from its config.json where there is one: the chunks are cut so that a rank reads little more than its share. */
import { readFile } from "node:fs/promises";
import type { Tile } from "../../bytes/chunking/index.ts";
import { archOf, tileOf } from "../../bytes/parallel/index.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import { MiB } from "../../core/units.ts";
import type { SourceFile } from "./walk.ts";

const configBytesMax = 1 * MiB;

export async function tilesOf(sources: readonly SourceFile[]): Promise<(tensor: TensorEntry) => Tile> {
  const config = sources.find((file) => file.path === "config.json" && file.bytes <= configBytesMax);
  const arch = config ? archOf(parse(await readFile(config.location, "utf8"))) : undefined;
  return (tensor) => tileOf(tensor, arch);
}

/** A config that is not JSON says nothing; it is stored all the same. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
