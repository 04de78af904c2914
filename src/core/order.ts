/** The order of names as UTF-8 bytes, which is the order of code points: what a catalog and other languages agree on. */

/** Negative, zero or positive, like any comparator. JavaScript's own `<` differs above U+FFFF, where it compares surrogates. */
export function compareUtf8(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

/** Lifts surrogates over U+E000–U+FFFF, below which UTF-16 puts them. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
