/** Rates as a picture: a panel for each thing that was done, a bar for each that did it, with a line from its slowest round to its quickest. */
import type { Spread } from "./rounds.ts";
import { svgOf } from "./svg.ts";

export interface Bar {
  readonly name: string;
  readonly ours: boolean;
  /** GB/s. */
  readonly rate: Spread;
}

export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const page = { width: 760, names: 210, numbers: 60, pad: 16 } as const;
const row = { height: 22, bar: 14, title: 34 } as const;
const colours = { ours: "#4c78a8", peer: "#b5b5b5", spread: "#222" } as const;

export function barsOf(panels: readonly Panel[]): string {
  const heights = panels.map(({ bars }) => row.title + bars.length * row.height);
  const height = heights.reduce((sum, each) => sum + each, 2 * page.pad);
  let top = page.pad;
  const drawn = panels.map((panel, index) => {
    const at = top;
    top += heights[index] as number;
    return panelOf(panel, at);
  });
  return svgOf(page.width, height, "GB of model a second: the median of all rounds, and from the slowest to the quickest", drawn);
}

function panelOf({ title, bars }: Panel, top: number): string {
  const fastest = Math.max(...bars.map(({ rate }) => rate.max));
  const scale = (page.width - page.names - page.numbers - 2 * page.pad) / fastest;
  const drawn = bars.map((bar, index) => barOf(bar, top + row.title + index * row.height, scale));
  return [`<text x="${page.pad}" y="${top + 20}" font-weight="600">${escaped(title)}</text>`, ...drawn].join("\n");
}

function barOf({ name, ours, rate }: Bar, top: number, scale: number): string {
  const left = page.pad + page.names;
  const x = (value: number): string => (left + value * scale).toFixed(1);
  const middle = top + row.bar / 2;
  return [
    `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
    `<rect x="${left}" y="${top}" width="${(rate.median * scale).toFixed(1)}" height="${row.bar}" fill="${ours ? colours.ours : colours.peer}"/>`,
    `<line x1="${x(rate.min)}" x2="${x(rate.max)}" y1="${middle}" y2="${middle}" stroke="${colours.spread}"/>`,
    `<text x="${(left + rate.max * scale + 6).toFixed(1)}" y="${middle + 4}" fill="#666">${rate.median.toFixed(2)}</text>`,
  ].join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
