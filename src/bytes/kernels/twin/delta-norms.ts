/** Norms and automaton of one context of the delta coder (docs/format-encodings.md, "Delta block"). */

export const symbolsMax = 128;
export const states = 1024;
const step = 643;
const directSymbols = 24;

export function extraBitsOf(symbol: number): number {
  return symbol < directSymbols ? 0 : ((symbol + 1 - directSymbols) >> 1) + 3;
}

export function baseOf(symbol: number): number {
  return symbol < directSymbols ? symbol : (2 + ((symbol + 1 - directSymbols) & 1)) * 2 ** extraBitsOf(symbol);
}

export function symbolOf(z: number): number {
  if (z < directSymbols) return z;
  const octave = 31 - Math.clz32(z);
  return directSymbols - 1 + 2 * (octave - 4) + ((z >>> (octave - 1)) & 1);
}

/** In proportion to the counts, at least 1 for what occurs, 1024 in all; empty when nothing occurs. */
export function normsOf(counts: Uint32Array): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const norms = Array.from(counts, (count) => (count === 0 ? 0 : Math.max(1, Math.floor((count * states + Math.floor(total / 2)) / total))));
  for (let left = states - norms.reduce((sum, norm) => sum + norm, 0); left !== 0; ) {
    const largest = norms.indexOf(Math.max(...norms));
    const change = left > 0 ? left : -1;
    norms[largest] = (norms[largest] as number) + change;
    left -= change;
  }
  return norms.slice(0, norms.findLastIndex((norm) => norm > 0) + 1);
}

export interface Automaton {
  /** Of each state, its symbol and its rank. */
  readonly states: readonly { readonly symbol: number; readonly rank: number }[];
  /** The state of a symbol by rank minus norm. */
  readonly byRank: readonly (readonly number[])[];
  readonly norms: readonly number[];
}

/** A context without symbols never occurs in a true block; it gets an automaton of its own so that a false one finds something. */
export function automatonOf(given: readonly number[]): Automaton {
  const norms = given.length === 0 ? [states] : given;
  const spread = new Array<number>(states).fill(0);
  let place = 0;
  for (const [symbol, norm] of norms.entries()) {
    for (let k = 0; k < norm; k++, place = (place + step) % states) spread[place] = symbol;
  }
  const byRank = norms.map((): number[] => []);
  const ranked = spread.map((symbol, state) => {
    const own = byRank[symbol] as number[];
    own.push(state);
    return { symbol, rank: (norms[symbol] as number) + own.length - 1 };
  });
  return { states: ranked, byRank, norms };
}
