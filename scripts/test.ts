/**
 * `npm test [-- [--only STEP,…] [--grep TEXT] [FILE…]]`: every check of the project in one run, and one line at the end
 * with the sum. A failing step does not stop the ones behind it. Files or a pattern choose among the tests and leave out the checks.
 */
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Check, checks, runCheck } from "./test/checks.ts";
import { testFilesUnder } from "./test/files.ts";
import { add, nothing, runTests, type Tally } from "./test/tests.ts";

const root = resolve(import.meta.dirname, "..");
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: "string" }, grep: { type: "string" } } });

const isTidy = (path: string): boolean => path.startsWith("test/tidy/");
const everyFile = [...testFilesUnder(root, "src"), ...testFilesUnder(root, "kernels"), ...testFilesUnder(root, "test")];
const suites: Readonly<Record<string, readonly string[]>> = {
  tidy: everyFile.filter(isTidy),
  unit: everyFile.filter((path) => !path.startsWith("test/")),
  e2e: everyFile.filter((path) => path.startsWith("test/") && !isTidy(path)),
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
  return runTests(name, suites[name] ?? [], { root, grep: values.grep });
}

let sum = nothing;
for (const name of chosenSteps()) sum = add(sum, await runStep(name));
if (positionals.length > 0) sum = add(sum, await runTests("chosen", [...new Set(chosenFiles())], { root, grep: values.grep }));

if (sum.failures.length > 0) console.log(`\nFailed:\n${sum.failures.map((one) => `  ${one}`).join("\n")}`);
console.log(`\n${sum.passed} passed, ${sum.failures.length} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);
process.exit(sum.failures.length > 0 ? 1 : 0);
