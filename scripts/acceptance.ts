/**
 * `npm run acceptance [-- NN… [--small] [--SIZE VALUE]…]`: what the product must show, at full size, driven through the command.
 * Engines that `npm run services` has up are used. Without numbers it runs all; `--list` names them with their sizes. Needs room for several times the largest model under TMPDIR.
 */
import { inspect } from "node:util";
import { formatSeconds, parseBytes } from "../src/core/units.ts";
import { inPlace, type Show } from "../test/acceptance/place.ts";
import { offerEngines } from "./test/engines.ts";

offerEngines(); // before the shows are loaded: some look for their engine then
const { shows } = await import("../test/acceptance/index.ts");

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function list(): void {
  for (const [number, { says, full }] of shows) {
    const sizes = Object.entries(full).map(([name, value]) => `--${kebab(name)} ${value}`);
    console.log(`${number}  ${says}\n    ${sizes.join(" ")}`);
  }
}

function sizeFrom(name: string, text: string | undefined): number {
  const value = /bytes$/i.test(name) ? parseBytes(text ?? "") : Number(text || Number.NaN);
  return Number.isFinite(value) ? value : fail(`--${kebab(name)} needs a number, not ${JSON.stringify(text)}`);
}

interface Line {
  readonly numbers: readonly string[];
  readonly small: boolean;
  readonly sizes: ReadonlyMap<string, string | undefined>;
}

function parse(words: readonly string[]): Line {
  const [numbers, sizes] = [[] as string[], new Map<string, string | undefined>()];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === "--small") continue;
    if (word.startsWith("--")) sizes.set(word.slice(2), words[++at]);
    else numbers.push(shows.has(word.padStart(2, "0")) ? word.padStart(2, "0") : fail(`there is no ${word}; --list says what there is`));
  }
  return { numbers, small: words.includes("--small"), sizes };
}

function sizesOf(one: Show, { small, sizes }: Line): Show["full"] {
  const chosen: Record<string, number> = { ...(small ? one.small : one.full) };
  for (const name of Object.keys(chosen)) if (sizes.has(kebab(name))) chosen[name] = sizeFrom(name, sizes.get(kebab(name)));
  return chosen;
}

async function run(number: string, one: Show, line: Line): Promise<boolean> {
  console.log(`\n${number}: ${one.says}`);
  const startedMs = performance.now();
  try {
    await inPlace(
      (text) => console.log(`  ${text}`),
      (place) => one.run(place, sizesOf(one, line)),
    );
    console.log(`  shown in ${formatSeconds((performance.now() - startedMs) / 1000)}`);
    return true;
  } catch (error) {
    for (const each of error instanceof SuppressedError ? [error.suppressed, error.error] : [error]) console.error(`  NOT shown: ${inspect(each)}`);
    return false;
  }
}

const words = process.argv.slice(2);
if (words.includes("--list")) {
  list();
  process.exit(0);
}
const line = parse(words);
const chosen = [...shows].filter(([number]) => line.numbers.length === 0 || line.numbers.includes(number));
const known = new Set(chosen.flatMap(([, one]) => Object.keys(one.full).map(kebab)));
for (const name of line.sizes.keys()) if (!known.has(name)) fail(`--${name} is not a size of what was chosen; --list says what there is`);
let failed = 0;
for (const [number, one] of chosen) if (!(await run(number, one, line))) failed++;
console.log(`\n${chosen.length - failed} of ${chosen.length} shown`);
process.exit(failed > 0 ? 1 : 0);
