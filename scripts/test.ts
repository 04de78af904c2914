/**
 * `npm test [-- [--only STEP,…] [--grep TEXT] [FILE…]]`: every check of the project in one run, and one line at the end
 * with the sum. A failing step does not stop the ones behind it. Files or a pattern choose among the tests and leave out the checks.
 * Engines that `npm run services` has up are used by the suites that want them; what was skipped for want of one is said at the end.
 */
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Check, checks, runCheck } from "./test/checks.ts";
import { offerEngines } from "./test/engines.ts";
import { testFilesUnder } from "./test/files.ts";
import { add, nothing, runTests, type Tally } from "./test/tests.ts";

const root = resolve(import.meta.dirname, "..");
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: "string" }, grep: { type: "string" } } });

const isTidy = (path: string): boolean => path.startsWith("test/tidy/");
/** Tests that end or starve an engine which others use: one after the other, when those have ended. */
const isFaults = (path: string): boolean => path.endsWith(".faults.test.ts");
const everyFile = [...testFilesUnder(root, "src"), ...testFilesUnder(root, "kernels"), ...testFilesUnder(root, "test")];
const suites: Readonly<Record<string, readonly string[]>> = {
  tidy: everyFile.filter(isTidy),
  unit: everyFile.filter((path) => !path.startsWith("test/") && !isFaults(path)),
  e2e: everyFile.filter((path) => path.startsWith("test/") && !isTidy(path) && !isFaults(path)),
  faults: everyFile.filter(isFaults),
};
const stepNames = [...checks.map((check) => check.name), ...Object.keys(suites)];

function chosenSteps(): readonly string[] {
  if (positionals.length > 0) return [];
  if (values.only === undefined) return values.grep === undefined ? stepNames : Object.keys(suites);
  const chosen = values.only.split(",");
  const unknown = chosen.filter((name) => !stepNames.includes(name));
  if (unknown.length > 0) fail(`--only knows ${stepNames.join(", ")}; not ${unknown.join(", ")}`);
  return stepNames.filter((name) => chosen.includes(name));
}

/** Files by path; folders and parts of paths choose all test files that have them in their path. */
function chosenFiles(): readonly string[] {
  return positionals.flatMap((asked) => {
    const path = relative(root, resolve(asked));
    const found = everyFile.filter((file) => file === path || file.startsWith(`${path}/`) || file.includes(asked));
    return found.length > 0 ? found : fail(`no test file under ${root} fits ${JSON.stringify(asked)}`);
  });
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

async function runStep(name: string): Promise<Tally> {
  const check: Check | undefined = checks.find((one) => one.name === name);
  if (check) return runCheck(check, root);
  return runTests(name, suites[name] ?? [], { root, grep: values.grep, alone: name === "faults" });
}

async function runChosen(): Promise<Tally> {
  const files = [...new Set(chosenFiles())];
  const [faults, others] = [files.filter(isFaults), files.filter((path) => !isFaults(path))];
  const options = { root, grep: values.grep };
  return add(await runTests("chosen", others, options), await runTests("chosen faults", faults, { ...options, alone: true }));
}

function tellSkipped(reasons: readonly string[]): void {
  const times = new Map<string, number>();
  for (const reason of reasons) times.set(reason, (times.get(reason) ?? 0) + 1);
  if (times.size > 0) console.log(`\nSkipped:\n${[...times].map(([reason, count]) => `  ${count} × ${reason}`).join("\n")}`);
}

const engines = offerEngines();
let sum = nothing;
for (const name of chosenSteps()) sum = add(sum, await runStep(name));
if (positionals.length > 0) sum = add(sum, await runChosen());

tellSkipped(sum.skipped);
if (positionals.length > 0 || chosenSteps().some((name) => name in suites)) console.log(`\nEngines:\n${engines.map((line) => `  ${line}`).join("\n")}`);
if (sum.failures.length > 0) console.log(`\nFailed:\n${sum.failures.map((one) => `  ${one}`).join("\n")}`);
console.log(`\n${sum.passed} passed, ${sum.failures.length} failed${sum.skipped.length > 0 ? `, ${sum.skipped.length} skipped` : ""}`);
process.exit(sum.failures.length > 0 ? 1 : 0);
