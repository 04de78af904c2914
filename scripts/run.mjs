// What the npm scripts call. Runs on any Node from 20 on with nothing installed: brings what is missing, then does the
// step on the project's own Node. The steps themselves are TypeScript and live beside this file.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { compiled, ownNode, root, runTo, setUp } from "./setup.mjs";

const steps = {
  setup: [],
  test: ["scripts/test.ts"],
  check: ["scripts/test.ts", "--only", "types,lint,layers,knip,tidy"],
  format: ["scripts/format.ts"],
  build: ["scripts/build.ts"],
  demo: ["scripts/demo.ts"],
  example: ["scripts/example.ts"],
  bench: ["bench/run.ts"],
  acceptance: ["scripts/acceptance.ts"],
  services: ["scripts/services.ts"],
};

const [step = "", ...args] = process.argv.slice(2);
if (!Object.hasOwn(steps, step)) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(steps).join("|")} [arguments]`);
  process.exit(2);
}
await setUp();
const [script, ...fixed] = steps[/** @type {keyof typeof steps} */ (step)];
if (script === undefined) process.exit(0);
if (!existsSync(join(root, script))) {
  console.error(`${script} is not there: this checkout has no step "${step}" yet.`);
  process.exit(2);
}
process.env.NODE_COMPILE_CACHE ??= compiled;
process.exit(await runTo(ownNode(), ["--conditions=holdfast-source", join(root, script), ...fixed, ...args]));
