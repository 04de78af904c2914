/** Which encoding a chunk gets: the cost of each candidate is estimated from a sample of 1/32, and the cheapest is tried. */
import type { Element } from "../../core/element.ts";
import { limits } from "../../core/limits.ts";
import type { EncodingName, Hint } from "./codec.ts";
import { deltaNameOf, deltaShare } from "./delta.ts";
import { lzShare } from "./lz.ts";
import { type Layout, layoutsOf, type PlanarName, planarNames } from "./planar/index.ts";
import type { Tools } from "./room.ts";
import { entropyBits, sampleRows } from "./sample.ts";

/** An encoding to try, the element to tell it, and the stored share that it is expected to reach. */
export interface Candidate {
  readonly name: EncodingName;
  readonly element: Element;
  readonly share: number;
}

/** A candidate must be better by this than one before it in the list: estimates are not exact, and what comes first is simpler to decode. */
const leadMin = 0.01;
/** Below this share of zeros a mask costs more than it saves. */
const zeroShareMin = 0.125;
const lzElements: readonly Element[] = ["text", "unknown", "u8", "bool", "i16", "i32", "i64"];
/** What `unknown` bytes may turn out to be. */
const guesses: readonly Element[] = ["u8", "bf16", "f16", "f32"];

/** The cheapest encoding by estimate, or undefined when none gains `limits.encodingGainMin`. */
export function choose(tools: Tools, raw: Uint8Array, hint: Hint): Candidate | undefined {
  const all =
    hint.element === "text"
      ? []
      : (hint.element === "unknown" ? guesses : [hint.element]).flatMap((element) => [...solo(tools, raw, element), ...delta(tools, raw, element, hint.base)]);
  if (lzElements.includes(hint.element)) all.push(lz(tools, raw, hint.element));
  const best = all.reduce<Candidate | undefined>((least, each) => (least && least.share <= each.share + leadMin ? least : each), undefined);
  return best && best.share <= 1 - limits.encodingGainMin ? best : undefined;
}

function lz(tools: Tools, raw: Uint8Array, element: Element): Candidate {
  return { name: "LZ", element, share: element === "text" ? 0 : lzShare(sampleRows(tools, raw, 1)) };
}

function delta(tools: Tools, raw: Uint8Array, element: Element, base: Uint8Array | undefined): Candidate[] {
  const name = deltaNameOf(element);
  if (!name || base?.length !== raw.length) return [];
  return [{ name, element, share: deltaShare(tools, element, raw, base) }];
}

/** The planar encoding of an element, and the sparse one where there are zeros. */
function solo(tools: Tools, raw: Uint8Array, element: Element): Candidate[] {
  const [name, layout] = layoutOf(element);
  const sample = sampleRows(tools, raw, layout.width);
  if (sample.length === 0) return [];
  const planar = { name, element, share: planarShare(tools, layout, sample) };
  return [planar, ...sparse(tools, layout, sample, element)];
}

function layoutOf(element: Element): readonly [PlanarName, Layout] {
  for (const name of planarNames) {
    const layout = layoutsOf[name].find((each) => each.elements.includes(element));
    if (layout) return [name, layout];
  }
  return ["HUF8", layoutsOf.HUF8[0] as Layout];
}

/** Bytes in use of a plane: the entropy of its bytes, or all of them when coding would not gain enough. */
function planeBytes(tools: Tools, plane: Uint8Array): number {
  const bytes = entropyBits(tools.kernels.countBytes(plane)) / 8;
  return bytes > plane.length * (1 - limits.encodingGainMin) ? plane.length : bytes;
}

function planarShare(tools: Tools, layout: Layout, sample: Uint8Array): number {
  const count = sample.length / layout.width;
  const planes = layout.planes.map((width) => tools.room.take(count * width));
  layout.split(tools, sample, planes);
  return planes.reduce((sum, plane) => sum + planeBytes(tools, plane), 0) / sample.length;
}

function sparse(tools: Tools, layout: Layout, sample: Uint8Array, element: Element): Candidate[] {
  const { width } = layout;
  if (width !== 2 && width !== 4) return [];
  const elements = sample.length / width;
  if (tools.kernels.countZeros(width, sample) < zeroShareMin * elements) return [];
  const mask = tools.room.take(Math.ceil(elements / 8));
  const values = tools.room.take(sample.length);
  const kept = values.subarray(0, tools.kernels.compact(width, sample, mask, values) * width);
  const bytes = planeBytes(tools, mask) + (kept.length === 0 ? 0 : kept.length * planarShare(tools, layout, kept));
  return [{ name: width === 2 ? "SPARSE16" : "SPARSE32", element, share: bytes / sample.length }];
}
