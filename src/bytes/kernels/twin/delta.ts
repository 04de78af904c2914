/** Delta blocks by the letter of docs/format-encodings.md. */
import type { DeltaKernels, DeltaShape } from "../kernels.ts";
import { BitReader, BitWriter, piecesOf } from "./bits.ts";
import { type Automaton, automatonOf, baseOf, extraBitsOf, normsOf, states, symbolOf, symbolsMax } from "./delta-norms.ts";

const contexts = 16;
const stateBits = 10;
const headBytes = 20;

function elementsOf(width: 2 | 4, bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / width }, (_, i) => (width === 2 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true)));
}

/** Signed number that grows with the value of an element without its dropped bits; the same step goes back. */
function ordered({ width }: DeltaShape, signed: number): number {
  return signed < 0 ? signed ^ (width === 2 ? 0x7fff : 0x7fffffff) : signed;
}

function orderedBits(shape: DeltaShape, bits: number): number {
  return ordered(shape, wrap(shape, bits) >> shape.dropped);
}

function wrap({ width }: DeltaShape, value: number): number {
  return width === 2 ? (value << 16) >> 16 : value | 0;
}

function zigzag(shape: DeltaShape, element: number, base: number): number {
  const d = wrap(shape, orderedBits(shape, element) - orderedBits(shape, base));
  return d >= 0 ? 2 * d : -2 * d - 1;
}

function unzigzag(shape: DeltaShape, z: number, base: number): number {
  const d = z % 2 === 0 ? z / 2 : -(z + 1) / 2;
  return ordered(shape, wrap(shape, orderedBits(shape, base) + d)) << shape.dropped;
}

function contextOf({ exponentShift, exponentMask, top }: DeltaShape, base: number): number {
  return Math.min(15, Math.max(0, top - ((base >>> exponentShift) & exponentMask)));
}

interface Slot {
  readonly z: number;
  readonly context: number;
}

function slotsOf(shape: DeltaShape, src: Uint8Array, base: Uint8Array): Slot[] {
  const bases = elementsOf(shape.width, base);
  return Array.from(elementsOf(shape.width, src), (element, i) => {
    const own = bases[i] as number;
    return { z: zigzag(shape, element, own), context: contextOf(shape, own) };
  });
}

function countSlots(slots: readonly Slot[]): Uint32Array {
  const counts = new Uint32Array(contexts * symbolsMax);
  for (const { z, context } of slots) {
    const slot = context * symbolsMax + symbolOf(z);
    counts[slot] = (counts[slot] as number) + 1;
  }
  return counts;
}

function encodeDelta(shape: DeltaShape, src: Uint8Array, base: Uint8Array, out: Uint8Array): number {
  if (out.length < contexts * (1 + 2 * symbolsMax) + headBytes) return 0;
  const slots = slotsOf(shape, src, base);
  const counts = countSlots(slots);
  const norms = Array.from({ length: contexts }, (_, c) => normsOf(counts.subarray(c * symbolsMax, (c + 1) * symbolsMax)));
  const automata = norms.map(automatonOf);
  const streams = [0, 1, 2, 3].map((k) =>
    encodeStream(
      slots.filter((_, i) => i % 4 === k),
      automata,
    ),
  );
  const starts = streams.flatMap(({ start }) => [start & 255, start >> 8]);
  const sizes = streams.slice(0, 3).flatMap(({ bytes: { length } }) => [length & 255, (length >> 8) & 255, (length >> 16) & 255, length >>> 24]);
  const block = [...norms.flatMap(storedNorms), ...starts, ...sizes, ...streams.flatMap(({ bytes }) => bytes)];
  if (block.length > out.length) return 0;
  out.set(block);
  return block.length;
}

function storedNorms(norms: readonly number[]): number[] {
  return [norms.length, ...norms.flatMap((norm) => (norm < 128 ? [norm] : [128 + (norm >> 8), norm & 255]))];
}

/** Codes from the last element to the first; the bits of each are written in the order in which they will be read. */
function encodeStream(slots: readonly Slot[], automata: readonly Automaton[]): { start: number; bytes: number[] } {
  let state = 0;
  const pieces = slots.toReversed().flatMap(({ z, context }) => {
    const { norms, byRank } = automata[context] as Automaton;
    const symbol = symbolOf(z);
    const norm = norms[symbol] as number;
    let bits = 0;
    while ((state + states) >> bits >= 2 * norm) bits++;
    const piece = { value: (state + states) & ((1 << bits) - 1), bits };
    state = (byRank[symbol] as readonly number[])[((state + states) >> bits) - norm] as number;
    return [piece, { value: z - baseOf(symbol), bits: extraBitsOf(symbol) }];
  });
  const skip = (8 - (pieces.reduce((sum, { bits }) => sum + bits, 0) % 8)) % 8;
  const writer = new BitWriter();
  writer.write(0, skip);
  for (const { value, bits } of pieces.toReversed()) writer.write(value, bits);
  return { start: state | (skip << stateBits), bytes: writer.bytes };
}

/** Norms of all contexts and where they end; undefined when they are not whole. */
function readNorms(stored: Uint8Array, symbols: number): { automata: Automaton[]; end: number } | undefined {
  let at = 0;
  const automata: Automaton[] = [];
  for (let c = 0; c < contexts; c++) {
    const used = stored[at++] ?? Number.POSITIVE_INFINITY;
    if (used > symbols) return undefined;
    const norms: number[] = [];
    for (let s = 0; s < used; s++) {
      const first = stored[at++] ?? Number.NaN;
      const norm = first < 128 ? first : (first - 128) * 256 + (stored[at++] ?? Number.NaN);
      if (!(norm < 128 ? first < 128 : norm <= states)) return undefined;
      norms.push(norm);
    }
    const whole = used === 0 || (norms.at(-1) !== 0 && norms.reduce((sum, norm) => sum + norm, 0) === states);
    if (!whole) return undefined;
    automata.push(automatonOf(norms));
  }
  return { automata, end: at };
}

function decodeDelta(shape: DeltaShape, stored: Uint8Array, base: Uint8Array, out: Uint8Array): boolean {
  const norms = readNorms(stored, shape.width === 2 ? 47 : 79);
  if (!norms || stored.length < norms.end + headBytes) return false;
  const view = new DataView(stored.buffer, stored.byteOffset + norms.end, headBytes);
  const sizes = [8, 12, 16].map((at) => view.getUint32(at, true));
  const streams = piecesOf(stored.subarray(norms.end + headBytes), sizes);
  if (!streams) return false;
  const bases = elementsOf(shape.width, base);
  return streams.map((stream, k) => decodeStream(shape, view.getUint16(2 * k, true), stream, norms.automata, bases, out, k)).every((whole) => whole);
}

function decodeStream(
  shape: DeltaShape,
  start: number,
  stream: Uint8Array,
  automata: Automaton[],
  bases: Uint32Array,
  out: Uint8Array,
  first: number,
): boolean {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const reader = new BitReader(stream);
  const skip = start >> stateBits;
  if (skip > 7 || skip > 8 * stream.length || reader.read(skip) !== 0) return false;
  let state = start & (states - 1);
  for (let i = first; i < bases.length; i += 4) {
    const base = bases[i] as number;
    const { symbol, rank } = (automata[contextOf(shape, base)] as Automaton).states[state] as Automaton["states"][number];
    const element = unzigzag(shape, baseOf(symbol) + reader.read(extraBitsOf(symbol)), base);
    if (shape.width === 2) view.setUint16(2 * i, element & 0xffff, true);
    else view.setUint32(4 * i, element >>> 0, true);
    const bits = stateBits - (31 - Math.clz32(rank));
    state = rank * 2 ** bits - states + reader.read(bits);
  }
  return reader.position === 8 * stream.length && state === 0;
}

export const twinDelta: DeltaKernels = {
  orWords: (src) => elementsOf(4, src).reduce((all, word) => all | word, 0) >>> 0,
  countDelta: (shape, src, base) => countSlots(slotsOf(shape, src, base)),
  encodeDelta,
  decodeDelta,
};
