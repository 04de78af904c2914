/** Hit ratio of each policy on three seeded traces at three capacities: `bench/cache-policies.ts`. The same figures everywhere: docs/cache.md has them. */
import { writeFileSync } from "node:fs";
import { hitRatios, hitRatioTable } from "./cache/hit-ratios.ts";
import { plotOf } from "./cache/plot.ts";

const ratios = hitRatios();
for (const line of new Set(ratios.map(({ trace, says }) => `${trace}: ${says}`))) console.log(line);
console.log(`\n${hitRatioTable(ratios)}`);
const picture = new URL("../docs/cache-policies.svg", import.meta.url);
writeFileSync(picture, plotOf(ratios));
console.log("\nwrote docs/cache-policies.svg");
