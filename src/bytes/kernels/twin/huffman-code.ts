/** Complete codes of at most 12 bits, built step by step like the ones of the WebAssembly kernels: the tests compare blocks byte for byte. */

export const codeBitsMax = 12;
const full = 1 << codeBitsMax;

export interface Code {
  readonly bits: number;
  /** As it stands in a stream, from the lowest bit. */
  readonly reversed: number;
}

interface Node {
  readonly weight: number;
  readonly leaves: readonly number[];
}

/** Depth of each leaf in the Huffman tree of sorted weights, by two queues; of equal weights a leaf goes before a joined node. */
function depthsOf(weights: readonly number[]): number[] {
  const depths = weights.map(() => 0);
  const leaves: Node[] = weights.map((weight, leaf) => ({ weight, leaves: [leaf] }));
  const joined: Node[] = [];
  const least = (): Node => (leaves[0] && !(joined[0] && joined[0].weight < leaves[0].weight) ? leaves.shift() : joined.shift()) as Node;
  while (leaves.length + joined.length > 1) {
    const [a, b] = [least(), least()];
    const node = { weight: a.weight + b.weight, leaves: [...a.leaves, ...b.leaves] };
    for (const leaf of node.leaves) depths[leaf] = (depths[leaf] as number) + 1;
    joined.push(node);
  }
  return depths;
}

function kraftOf(depths: readonly number[]): number {
  return depths.reduce((sum, depth) => sum + (full >> depth), 0);
}

/** Rarest first. Lengthens the rarest and then shortens the most frequent until the code is complete. */
function limit(depths: number[]): number[] {
  const limited = depths.map((depth) => Math.min(depth, codeBitsMax));
  for (let i = 0; kraftOf(limited) > full; ) {
    if (limited[i] === codeBitsMax) i++;
    else limited[i] = (limited[i] as number) + 1;
  }
  while (kraftOf(limited) < full) {
    for (let i = limited.length - 1; i >= 0; i--) {
      while ((limited[i] as number) > 1 && kraftOf(limited) + (full >> (limited[i] as number)) <= full) limited[i] = (limited[i] as number) - 1;
    }
  }
  return limited;
}

/** Code length of each of 256 symbols; 0 for those that do not occur. At least two occur. */
export function lengthsFor(counts: Uint32Array): number[] {
  const symbols = [...counts.keys()].filter((symbol) => counts[symbol] !== 0).sort((a, b) => (counts[a] as number) - (counts[b] as number) || a - b);
  const depths = limit(depthsOf(symbols.map((symbol) => counts[symbol] as number)));
  const lengths = new Array<number>(256).fill(0);
  for (const [rank, symbol] of symbols.entries()) lengths[symbol] = depths[rank] as number;
  return lengths;
}

/** Canonical codes; undefined when the lengths do not make a complete code. */
export function codesFor(lengths: readonly number[]): ReadonlyMap<number, Code> | undefined {
  const used = [...lengths.keys()].filter((symbol) => lengths[symbol] !== 0);
  if (kraftOf(used.map((symbol) => lengths[symbol] as number)) !== full || used.some((symbol) => (lengths[symbol] as number) > codeBitsMax)) return undefined;
  used.sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
  const codes = new Map<number, Code>();
  let next = 0;
  let before = 0;
  for (const symbol of used) {
    const bits = lengths[symbol] as number;
    next <<= bits - before;
    before = bits;
    codes.set(symbol, { bits, reversed: reverse(next++, bits) });
  }
  return codes;
}

function reverse(code: number, bits: number): number {
  let reversed = 0;
  for (let k = 0; k < bits; k++) reversed |= ((code >> k) & 1) << (bits - 1 - k);
  return reversed;
}
