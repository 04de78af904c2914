/** The checks that look at the sources without running them. Each is a tool of its own that says yes or no. */
import { spawn } from "node:child_process";
import type { Tally } from "./tests.ts";

export interface Check {
  readonly name: string;
  /** A script under node_modules, run by this Node, and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
}

export const checks: readonly Check[] = [
  { name: "types", script: "typescript/bin/tsc", args: ["--noEmit", "-p", "."] },
  { name: "lint", script: "@biomejs/biome/bin/biome", args: ["ci", "--colors=off", "--max-diagnostics=50"] },
  {
    name: "layers",
    script: "dependency-cruiser/bin/dependency-cruise.mjs",
    args: ["--config", ".dependency-cruiser.mjs", "--output-type", "err-long", "src"],
  },
  { name: "knip", script: "knip/bin/knip.js", args: ["--no-progress"] },
];

export async function runCheck(check: Check, root: string): Promise<Tally> {
  const startedMs = performance.now();
  const { code, output } = await capture([`${root}/node_modules/${check.script}`, ...check.args], root);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${check.name} (${seconds} s)`);
  if (code === 0) return { passed: 1, skipped: [], failures: [] };
  console.log(output.trimEnd());
  return { passed: 0, skipped: [], failures: [`${check.name} (npm test -- --only ${check.name})`] };
}

function capture(parameters: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  // Tools that keep logs and caches for the user keep them inside the checkout.
  const env = { ...process.env, XDG_CACHE_HOME: `${cwd}/.cache` };
  const child = spawn(process.execPath, parameters, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const take = (part: Buffer): void => {
    output += part.toString();
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
