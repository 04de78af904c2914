/** Hit ratios by bytes of each policy on each trace, with the policies as the tiers use them. */
import { openPolicy } from "../../src/places/cache/policies/index.ts";
import { type PolicyName, policyNames } from "../../src/places/cache/policy.ts";
import { type Asked, chance, type Trace, traces } from "./traces.ts";

/** Shares of all distinct bytes of a trace. */
const capacities = [0.1, 0.3, 0.6] as const;

export interface HitRatio {
  readonly trace: string;
  readonly says: string;
  readonly capacity: number;
  readonly policy: PolicyName;
  /** Of the bytes that were asked for, those that were there. */
  readonly ratio: number;
}

export function hitRatios(): readonly HitRatio[] {
  return traces().flatMap((trace) =>
    capacities.flatMap((capacity) =>
      policyNames.map((policy) => ({ trace: trace.name, says: trace.says, capacity, policy, ratio: ratioOf(trace, capacity * distinctBytes(trace), policy) })),
    ),
  );
}

function distinctBytes({ asked }: Trace): number {
  return [...new Map(asked.map(({ key, bytes }) => [key, bytes])).values()].reduce((sum, bytes) => sum + bytes, 0);
}

function ratioOf({ asked }: Trace, capacityBytes: number, name: PolicyName): number {
  const policy = openPolicy(name, { random: chance(14) });
  const kept = new Map<Asked["key"], number>();
  let [usedBytes, hitBytes, askedBytes] = [0, 0, 0];
  for (const { key, bytes } of asked) {
    askedBytes += bytes;
    if (kept.has(key)) {
      hitBytes += bytes;
      policy.touched(key);
      continue;
    }
    while (usedBytes + bytes > capacityBytes) {
      const victim = policy.victim();
      if (victim === undefined) break;
      usedBytes -= kept.get(victim) ?? 0;
      kept.delete(victim);
    }
    kept.set(key, bytes);
    usedBytes += bytes;
    policy.added(key);
  }
  return hitBytes / askedBytes;
}

/** A row for each trace and capacity; the best of a row in bold. */
export function hitRatioTable(ratios: readonly HitRatio[]): string {
  const rows = [...Map.groupBy(ratios, ({ trace, capacity }) => `${trace} | ${Math.round(capacity * 100)} %`)].map(([name, cells]) => {
    const best = Math.max(...cells.map(({ ratio }) => Math.round(ratio * 1000)));
    const text = cells.map(({ ratio }) => (Math.round(ratio * 1000) === best ? `**${percent(ratio)}**` : percent(ratio)));
    return `| ${name} | ${text.join(" | ")} |`;
  });
  return [`| trace | capacity | ${policyNames.join(" | ")} |`, `| --- | --- | ${policyNames.map(() => "---").join(" | ")} |`, ...rows].join("\n");
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
