/** The hit ratios as a picture: a panel for each trace, a group of bars for each capacity, a bar for each policy. */
import { policyNames } from "../../src/places/cache/policy.ts";
import { svgOf } from "../svg.ts";
import type { HitRatio } from "./hit-ratios.ts";

const colours = { lru: "#4c78a8", lfu: "#f58518", random: "#9d9d9d", sieve: "#3a8f5c" } as const;
const panel = { width: 270, height: 190, left: 54, top: 64, gap: 22 } as const;
const bar = { width: 14, gap: 2 } as const;

export function plotOf(ratios: readonly HitRatio[]): string {
  const groups = [...Map.groupBy(ratios, ({ trace }) => trace)];
  const width = panel.left + groups.length * (panel.width + panel.gap);
  const height = panel.top + panel.height + 52;
  const panels = groups.map(([trace, cells], index) => panelOf(trace, cells, panel.left + index * (panel.width + panel.gap), index === 0));
  return svgOf(width, height, "Hit ratios by policy, trace and capacity", [legend(), ...panels]);
}

function legend(): string {
  return policyNames
    .map((name, index) => {
      const x = panel.left + index * 90;
      return `<rect x="${x}" y="14" width="12" height="12" fill="${colours[name]}"/><text x="${x + 18}" y="24">${name}</text>`;
    })
    .join("\n");
}

function panelOf(trace: string, cells: readonly HitRatio[], x: number, labelled: boolean): string {
  const y = (ratio: number): number => panel.top + panel.height * (1 - ratio);
  const lines = [0, 0.25, 0.5, 0.75, 1].map((ratio) => {
    const label = labelled ? `<text x="${x - 6}" y="${y(ratio) + 4}" text-anchor="end" fill="#666">${ratio * 100} %</text>` : "";
    return `<line x1="${x}" x2="${x + panel.width}" y1="${y(ratio)}" y2="${y(ratio)}" stroke="#ddd"/>${label}`;
  });
  const byCapacity = [...Map.groupBy(cells, ({ capacity }) => capacity)];
  const step = panel.width / byCapacity.length;
  const bars = byCapacity.map(([capacity, group], index) => barsOf(capacity, group, x + step * (index + 0.5), y));
  const title = `<text x="${x}" y="${panel.top - 12}" font-weight="600">${trace}</text>`;
  const below = `<text x="${x + panel.width / 2}" y="${panel.top + panel.height + 38}" text-anchor="middle" fill="#666">capacity, of all bytes</text>`;
  return [title, ...lines, ...bars, below].join("\n");
}

function barsOf(capacity: number, group: readonly HitRatio[], middle: number, y: (ratio: number) => number): string {
  const start = middle - (group.length * (bar.width + bar.gap) - bar.gap) / 2;
  const bars = group.map(({ policy, ratio }, index) => {
    const top = y(ratio);
    return `<rect x="${(start + index * (bar.width + bar.gap)).toFixed(1)}" y="${top.toFixed(1)}" width="${bar.width}" height="${(y(0) - top).toFixed(1)}" fill="${colours[policy]}"/>`;
  });
  return `${bars.join("")}<text x="${middle.toFixed(1)}" y="${y(0) + 18}" text-anchor="middle">${Math.round(capacity * 100)} %</text>`;
}
