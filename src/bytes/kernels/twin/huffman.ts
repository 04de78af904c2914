/** Huffman blocks by the letter of docs/format-encodings.md. */
import type { EntropyKernels } from "../kernels.ts";
import { BitReader, BitWriter, piecesOf } from "./bits.ts";
import { type Code, codeBitsMax, codesFor, lengthsFor } from "./huffman-code.ts";

function countBytes(src: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const byte of src) counts[byte] = (counts[byte] as number) + 1;
  return counts;
}

function encodeStream(symbols: Uint8Array, codes: ReadonlyMap<number, Code>): number[] {
  const writer = new BitWriter();
  for (const symbol of symbols.toReversed()) {
    const code = codes.get(symbol) as Code;
    writer.write(code.reversed, code.bits);
  }
  return writer.bytes;
}

function tableOf(lengths: readonly number[], first: number, last: number): number[] {
  const table: number[] = [first, last];
  for (let symbol = first; symbol <= last; symbol += 2) {
    const second = symbol < last ? (lengths[symbol + 1] as number) : 0;
    table.push((lengths[symbol] as number) | (second << 4));
  }
  return table;
}

const u32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

function encodeHuffman(src: Uint8Array, out: Uint8Array): number {
  const counts = countBytes(src);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  if (src.length < 4 || first === last) return 0;
  const lengths = lengthsFor(counts);
  const bits = lengths.reduce((sum, length, symbol) => sum + length * (counts[symbol] as number), 0);
  const table = tableOf(lengths, first, last);
  if (table.length + 12 + (bits >> 3) + 4 + (src.length % 4) > out.length) return 0;
  const block = [...table, ...streamsOf(src, codesFor(lengths) as ReadonlyMap<number, Code>)];
  out.set(block);
  return block.length;
}

function streamsOf(src: Uint8Array, codes: ReadonlyMap<number, Code>): number[] {
  const quarter = src.length >> 2;
  const streams = [0, 1, 2, 3].map((k) => encodeStream(src.subarray(k * quarter, (k + 1) * quarter), codes));
  return [...streams.slice(0, 3).flatMap((stream) => u32(stream.length)), ...streams.flat(), ...src.subarray(4 * quarter)];
}

function readTable(stored: Uint8Array): { codes: ReadonlyMap<number, Code>; bytes: number } | undefined {
  const [first = 255, last = 0] = stored;
  const bytes = 2 + Math.ceil((last - first + 1) / 2);
  if (stored.length < 3 || last <= first || bytes + 12 > stored.length) return undefined;
  const lengths = new Array<number>(256).fill(0);
  for (let symbol = first; symbol <= last; symbol++) lengths[symbol] = ((stored[2 + ((symbol - first) >> 1)] as number) >> (((symbol - first) & 1) * 4)) & 15;
  const unused = (last - first) % 2 === 0 && (stored[bytes - 1] as number) >> 4 !== 0;
  const codes = unused ? undefined : codesFor(lengths);
  return codes && { codes, bytes };
}

/** For every 12 bits the symbol that they start with and its length. */
function lookupOf(codes: ReadonlyMap<number, Code>): Map<number, readonly [number, number]> {
  const lookup = new Map<number, readonly [number, number]>();
  for (const [symbol, { bits, reversed }] of codes) {
    for (let x = reversed; x < 1 << codeBitsMax; x += 1 << bits) lookup.set(x, [symbol, bits]);
  }
  return lookup;
}

function decodeStream(stream: Uint8Array, lookup: ReadonlyMap<number, readonly [number, number]>, out: Uint8Array): boolean {
  const reader = new BitReader(stream);
  for (let i = out.length - 1; i >= 0; i--) {
    const [symbol, bits] = lookup.get(reader.peek(codeBitsMax)) as readonly [number, number];
    out[i] = symbol;
    reader.position += bits;
  }
  return Math.ceil(reader.position / 8) === stream.length && reader.peek((8 - (reader.position % 8)) % 8) === 0;
}

function decodeHuffman(stored: Uint8Array, out: Uint8Array): boolean {
  const table = readTable(stored);
  if (!table || out.length < 4) return false;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const sizes = [0, 4, 8].map((at) => view.getUint32(table.bytes + at, true));
  const quarter = out.length >> 2;
  const tail = out.length & 3;
  if (stored.length < table.bytes + 12 + tail) return false;
  const streams = piecesOf(stored.subarray(table.bytes + 12, stored.length - tail), sizes);
  if (!streams) return false;
  const lookup = lookupOf(table.codes);
  out.set(stored.subarray(stored.length - tail), 4 * quarter);
  return streams.map((stream, k) => decodeStream(stream, lookup, out.subarray(k * quarter, (k + 1) * quarter))).every((whole) => whole);
}

export const twinEntropy: EntropyKernels = { countBytes, encodeHuffman, decodeHuffman };
