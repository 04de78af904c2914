/**
 * CTXDELTA16 and CTXDELTA32: a fine-tuned chunk as differences to its base. Updates of an optimizer have nearly the same
 * absolute size while the step between neighbouring floats grows with the exponent: the base's exponent tells how wide the
 * difference, counted in steps, is spread.
 */
import type { Element } from "../../core/element.ts";
import type { DeltaShape } from "../kernels/index.ts";
import { type Codec, encodingIds } from "./codec.ts";
import type { Tools } from "./room.ts";
import { entropyBits, sampleRows } from "./sample.ts";
import { corrupt, StoredReader, StoredWriter } from "./stored.ts";

interface Kind {
  /** The byte that names it in the stored bytes. */
  readonly id: number;
  readonly element: Element;
  readonly shape: Omit<DeltaShape, "top" | "dropped">;
}

const kinds = {
  CTXDELTA16: [
    { id: 0, element: "bf16", shape: { width: 2, exponentShift: 7, exponentMask: 0xff } },
    { id: 1, element: "f16", shape: { width: 2, exponentShift: 10, exponentMask: 0x1f } },
  ],
  CTXDELTA32: [{ id: 0, element: "f32", shape: { width: 4, exponentShift: 23, exponentMask: 0xff } }],
} as const satisfies Record<string, readonly Kind[]>;
export type DeltaName = keyof typeof kinds;
const names = Object.keys(kinds) as DeltaName[];

const blockElements = 8;
/** Kind, top, dropped. */
const headBytes = 3;
/** At most this share of the base may lie above the exponent of the first context. */
const aboveTopShare = 1 / 512;

export function deltaNameOf(element: Element): DeltaName | undefined {
  return names.find((name) => kinds[name].some((kind) => kind.element === element));
}

export function deltaCodec(tools: Tools, name: DeltaName): Codec {
  return {
    id: encodingIds[name],
    name,
    encode(raw, { element, base }, out) {
      const kind = kinds[name].find((each) => each.element === element);
      return kind && base?.length === raw.length ? encode(tools, kind, raw, base, out) : 0;
    },
    decode(stored, base, out) {
      if (base?.length !== out.length) throw corrupt("a delta without a base of its length");
      decode(tools, kinds[name], stored, base, out);
    },
  };
}

function bodyBytes(bytes: number, width: number): number {
  return bytes - (bytes % (blockElements * width));
}

function encode(tools: Tools, kind: Kind, raw: Uint8Array, base: Uint8Array, out: Uint8Array): number {
  const body = bodyBytes(raw.length, kind.shape.width);
  const shape = shapeOf(tools, kind, raw.subarray(0, body), base.subarray(0, body));
  const writer = new StoredWriter(out);
  writer.u8(kind.id);
  writer.u8(shape.top);
  writer.u8(shape.dropped);
  const bytes = tools.kernels.encodeDelta(shape, raw.subarray(0, body), base.subarray(0, body), writer.rest());
  if (bytes === 0) return 0;
  writer.skip(bytes);
  writer.bytes(raw.subarray(body));
  return writer.length;
}

function decode(tools: Tools, known: readonly Kind[], stored: Uint8Array, base: Uint8Array, out: Uint8Array): void {
  const reader = new StoredReader(stored);
  const id = reader.u8();
  const top = reader.u8();
  const dropped = reader.u8();
  const kind = known.find((each) => each.id === id);
  if (!kind || top > kind.shape.exponentMask || dropped >= 8 * kind.shape.width) throw corrupt("a delta of an unknown kind");
  const body = bodyBytes(out.length, kind.shape.width);
  const block = reader.take(Math.max(0, stored.length - headBytes - (out.length - body)));
  const shape = { ...kind.shape, top, dropped };
  if (!tools.kernels.decodeDelta(shape, block, base.subarray(0, body), out.subarray(0, body))) throw corrupt("a delta block is damaged");
  out.set(reader.take(out.length - body), body);
}

function shapeOf(tools: Tools, kind: Kind, raw: Uint8Array, base: Uint8Array): DeltaShape {
  return { ...kind.shape, top: topExponent(tools, kind, base), dropped: droppedBits(tools, kind.shape.width, raw, base) };
}

/** Low bits that are zero in all elements of both. */
function droppedBits(tools: Tools, width: 2 | 4, raw: Uint8Array, base: Uint8Array): number {
  const words = tools.kernels.orWords(raw) | tools.kernels.orWords(base);
  const set = width === 2 ? (words | (words >>> 16)) & 0xffff : words;
  return set === 0 ? 0 : 31 - Math.clz32(set & -set);
}

/** The exponent that few elements of the base lie above: a single outlier must not push all others into the last context. */
function topExponent(tools: Tools, kind: Kind, base: Uint8Array): number {
  const exponents = countExponents(tools, kind, sampleRows(tools, base, kind.shape.width));
  let above = exponents.reduce((sum, count) => sum + count, 0) * aboveTopShare;
  let top = exponents.length - 1;
  while (top > 0 && above >= (exponents[top] as number)) above -= exponents[top--] as number;
  return top;
}

function countExponents(tools: Tools, kind: Kind, sample: Uint8Array): readonly number[] {
  const { width } = kind.shape;
  const planes = Array.from({ length: width }, () => tools.room.take(sample.length / width));
  const [p0, p1, p2, p3] = planes as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  if (kind.element === "bf16") tools.kernels.splitBf16(sample, p1, p0);
  else if (width === 2) tools.kernels.split16(sample, p0, p1);
  else tools.kernels.splitF32(sample, [p0, p1, p2, p3]);
  const counts = Array.from(tools.kernels.countBytes(planes[width - 1] as Uint8Array));
  return kind.element === "f16" ? foldHalf(counts) : counts;
}

/** Counts of the five exponent bits from counts of the high byte of f16: sign, exponent, two bits of mantissa. */
function foldHalf(counts: readonly number[]): readonly number[] {
  const exponents = new Array<number>(32).fill(0);
  for (const [byte, count] of counts.entries()) exponents[(byte >> 2) & 31] = (exponents[(byte >> 2) & 31] as number) + count;
  return exponents;
}

/** Stored share that a delta is expected to reach, from a sample of chunk and base. */
export function deltaShare(tools: Tools, element: Element, raw: Uint8Array, base: Uint8Array): number {
  const kind = names.flatMap((name): readonly Kind[] => kinds[name]).find((each) => each.element === element);
  if (!kind) return 1;
  const block = blockElements * kind.shape.width;
  const ours = sampleRows(tools, raw, block);
  const theirs = sampleRows(tools, base, block);
  if (ours.length === 0) return 1;
  const counts = tools.kernels.countDelta(shapeOf(tools, kind, ours, theirs), ours, theirs);
  return slotBits(counts) / 8 / ours.length;
}

const symbolsPerContext = 128;
const directSymbols = 24;

/** Entropy within each context, and the bits that go beside the symbols of large differences. */
function slotBits(counts: Uint32Array): number {
  let bits = 0;
  for (let from = 0; from < counts.length; from += symbolsPerContext) bits += entropyBits(counts.subarray(from, from + symbolsPerContext));
  for (const [slot, count] of counts.entries()) {
    const symbol = slot % symbolsPerContext;
    if (symbol >= directSymbols) bits += count * (((symbol + 1 - directSymbols) >> 1) + 3);
  }
  return bits;
}
