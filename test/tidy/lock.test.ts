/** The lock file installs anywhere: every package checked by its digest, no host written down, no install script that a machine may refuse to run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "./source.ts";

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

function problemsOf(packages: Readonly<Record<string, Locked>>): readonly string[] {
  return Object.entries(packages)
    .filter(([path, { link }]) => path.startsWith("node_modules/") && !link)
    .flatMap(([path, { resolved, integrity, hasInstallScript }]) => [
      ...(resolved === undefined ? [] : [`${path} names where it was downloaded`]),
      ...(integrity === undefined ? [`${path} has no digest`] : []),
      ...(hasInstallScript ? [`${path} needs an install script`] : []),
    ]);
}

test("the lock file has digests, no hosts and no install scripts", () => {
  assert.equal(problemsOf({ "node_modules/a": { resolved: "x", hasInstallScript: true } }).length, 3);
  const lock = JSON.parse(textOf("package-lock.json")) as { packages: Readonly<Record<string, Locked>> };
  assert.ok(Object.keys(lock.packages).length > 50);
  assert.deepEqual(problemsOf(lock.packages), []);
});
