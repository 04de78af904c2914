/** `holdfast cache`: the tiers, what they hold, and the versions that are kept there. */
import { formatBytes } from "../../../core/units.ts";
import type { TierSummary } from "../../../index.ts";
import { command } from "../command.ts";
import { printable, type Screen } from "../screen/screen.ts";
import { tableOf } from "../screen/table.ts";
import { lines, percent, short } from "../words.ts";

export const cache = command({
  name: "cache",
  summary: "show the tiers of the cache, what they hold and which versions are kept there",
  arguments: [],
  options: {},
  needs: "existing",
  examples: ["holdfast cache", "holdfast cache --json"],
  fields: ["tiers"],
  async run(store, _given, _options, { signal }) {
    const tiers = await store.cache.list({ signal });
    return {
      tiers: tiers.map((tier) => ({
        ...tier,
        problem: tier.problem ?? null,
        bytesMax: tier.bytesMax ?? null,
        policy: tier.policy ?? null,
        maxmemoryPolicy: tier.maxmemoryPolicy ?? null,
      })),
    };
  },
  render({ tiers }, screen) {
    if (tiers.length === 0) return "no cache; name tiers under `cache:` in holdfast.yaml (docs/cache.md)";
    return lines(tierTable(tiers, screen), ...tiers.map((tier) => notesOf(tier, screen)), pinTable(tiers, screen));
  },
});

type Shown = Omit<TierSummary, "problem" | "bytesMax" | "policy" | "maxmemoryPolicy"> & {
  readonly [K in "problem" | "policy" | "maxmemoryPolicy"]: string | null;
} & { readonly bytesMax: number | null };

function tierTable(tiers: readonly Shown[], screen: Screen): string {
  return tableOf(
    tiers,
    [
      { head: "tier", text: ({ tier }) => tier, style: "bold", shrinks: true },
      { head: "kind", text: ({ kind }) => kind, dispensable: 3 },
      { head: "holds", text: ({ bytes }) => formatBytes(bytes), align: "right" },
      { head: "of", text: ({ bytesMax }) => (bytesMax === null ? "" : formatBytes(bytesMax)), align: "right" },
      { head: "values", text: ({ entries }) => String(entries), align: "right", dispensable: 2 },
      { head: "hits", text: ({ hits, misses }) => (hits + misses === 0 ? "" : percent(hits / (hits + misses))), align: "right", dispensable: 1 },
      { head: "policy", text: ({ policy, maxmemoryPolicy, reachable }) => (reachable ? (policy ?? maxmemoryPolicy ?? "") : "away"), shrinks: true },
    ],
    screen,
  );
}

function notesOf({ tier, problem, notes }: Shown, screen: Screen): string {
  if (problem !== null) return screen.style("yellow", `${tier} is away: ${printable(problem)}`);
  return notes.map((note) => screen.style("dim", `${tier}: ${printable(note)}`)).join("\n");
}

function pinTable(tiers: readonly Shown[], screen: Screen): string {
  return tableOf(
    tiers.flatMap(({ tier, pins }) => pins.map((pin) => ({ tier, ...pin }))),
    [
      { head: "kept version", text: ({ model, version }) => `${model}@${short(version)}`, style: "bold", shrinks: true },
      { head: "tier", text: ({ tier }) => tier },
      { head: "chunks", text: ({ chunks }) => String(chunks), align: "right", dispensable: 1 },
      { head: "takes", text: ({ bytes }) => formatBytes(bytes), align: "right" },
      { head: "", text: ({ whole }) => (whole ? "whole" : "not whole: warm it again") },
    ],
    screen,
  );
}
