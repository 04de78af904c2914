/** How the elements of a chunk are taken apart into planes (docs/format-encodings.md, the table of layouts). */
import type { Element } from "../../../core/element.ts";
import type { Planes4 } from "../../kernels/index.ts";
import type { Tools } from "../room.ts";

export interface Layout {
  /** The byte that names it within its encoding. */
  readonly id: number;
  readonly elements: readonly Element[];
  /** Bytes of one element. */
  readonly width: number;
  /** Bytes of each plane for one element, in stored order. They add up to `width`. */
  readonly planes: readonly number[];
  split(tools: Tools, src: Uint8Array, planes: readonly Uint8Array[]): void;
  merge(tools: Tools, planes: readonly Uint8Array[], out: Uint8Array): void;
}

type Pair = readonly [Uint8Array, Uint8Array];
const pair = (planes: readonly Uint8Array[]): Pair => planes as unknown as Pair;
const four = (planes: readonly Uint8Array[]): Planes4 => planes as unknown as Planes4;

export const bf16Layout: Layout = {
  id: 0,
  elements: ["bf16"],
  width: 2,
  planes: [1, 1],
  split(tools, src, planes) {
    const [signMantissas, exponents] = pair(planes);
    tools.kernels.splitBf16(src, exponents, signMantissas);
  },
  merge(tools, planes, out) {
    const [signMantissas, exponents] = pair(planes);
    tools.kernels.mergeBf16(exponents, signMantissas, out);
  },
};

export const pairLayout: Layout = {
  id: 0,
  elements: ["f16", "i16"],
  width: 2,
  planes: [1, 1],
  split: (tools, src, planes) => tools.kernels.split16(src, ...pair(planes)),
  merge: (tools, planes, out) => tools.kernels.merge16(...pair(planes), out),
};

export const f32Layout: Layout = {
  id: 0,
  elements: ["f32"],
  width: 4,
  planes: [1, 1, 1, 1],
  split: (tools, src, planes) => tools.kernels.splitF32(src, four(planes)),
  merge: (tools, planes, out) => tools.kernels.mergeF32(four(planes), out),
};

const halves = [0, 1] as const;

/** The bytes of wide elements by halving: even and odd bytes first, each of those again, so plane k is byte k. */
function splitHalves(tools: Tools, src: Uint8Array, planes: readonly Uint8Array[]): void {
  const parts = planes.length === 2 ? pair(planes) : ([tools.room.take(src.length / 2), tools.room.take(src.length / 2)] as const);
  tools.kernels.split16(src, ...parts);
  if (planes.length > 2) for (const half of halves) splitHalves(tools, parts[half], every2nd(planes, half));
}

function mergeHalves(tools: Tools, planes: readonly Uint8Array[], out: Uint8Array): void {
  const parts = planes.length === 2 ? pair(planes) : ([tools.room.take(out.length / 2), tools.room.take(out.length / 2)] as const);
  if (planes.length > 2) for (const half of halves) mergeHalves(tools, every2nd(planes, half), parts[half]);
  tools.kernels.merge16(...parts, out);
}

function every2nd(planes: readonly Uint8Array[], first: 0 | 1): Uint8Array[] {
  return planes.filter((_, index) => index % 2 === first);
}

export const quadLayout: Layout = { id: 1, elements: ["i32"], width: 4, planes: [1, 1, 1, 1], split: splitHalves, merge: mergeHalves };
export const octetLayout: Layout = { id: 2, elements: ["f64", "i64"], width: 8, planes: [1, 1, 1, 1, 1, 1, 1, 1], split: splitHalves, merge: mergeHalves };

export const byteLayout: Layout = {
  id: 0,
  elements: ["i8", "u8", "f8", "bool", "text", "unknown"],
  width: 1,
  planes: [1],
  split: (_tools, src, planes) => planes[0]?.set(src),
  merge: (_tools, planes, out) => out.set(planes[0] as Uint8Array),
};
