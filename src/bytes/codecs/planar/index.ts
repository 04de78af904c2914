/** HUF16B, HUF16, HUF32 and HUF8: planes of elements, each coded by itself. */
import type { Codec } from "../codec.ts";
import type { Tools } from "../room.ts";
import { blockLayouts } from "./blocks.ts";
import { bf16Layout, byteLayout, f32Layout, octetLayout, pairLayout, quadLayout } from "./layout.ts";
import { planarCodec } from "./planar.ts";

export type { Layout } from "./layout.ts";

export const layoutsOf = {
  HUF16B: [bf16Layout],
  HUF16: [pairLayout],
  HUF32: [f32Layout, quadLayout, octetLayout],
  HUF8: [byteLayout, ...blockLayouts],
} as const;
export type PlanarName = keyof typeof layoutsOf;
export const planarNames = Object.keys(layoutsOf) as PlanarName[];

export function planarCodecs(tools: Tools): Record<PlanarName, Codec> {
  const entries = planarNames.map((name) => [name, planarCodec(tools, name, layoutsOf[name])]);
  return Object.fromEntries(entries);
}
