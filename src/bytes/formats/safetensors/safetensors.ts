import type { Format } from "../format.ts";
import { readTensors } from "./header.ts";

const noExternal: ReadonlyMap<string, never> = new Map<string, never>();

export const safetensors: Format = {
  name: "safetensors",
  claims: (fileName) => fileName.endsWith(".safetensors"),
  /** A u64 below 2^32 and then the JSON object. */
  probe: (head) => head.length > 10 && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0 && head[8] === 0x7b && head[9] === 0x22,
  layout: async (file) => ({ format: "safetensors", tensors: await readTensors(file), external: noExternal }),
};
