/** The rules that .dependency-cruiser.mjs makes of layers.mjs, on a small tree in which each of them is broken once. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { root } from "./source.ts";

/** What the rules say of a tree, as `rule: file`; the tree is given as file → what it imports. */
function violations(tree: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-layers-"));
  try {
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { module: "nodenext", allowImportingTsExtensions: true, noEmit: true } }));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    for (const [path, imports] of Object.entries(tree)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), `${imports.map((target) => `import "${target}";\n`).join("")}export {};\n`);
    }
    const cruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const options = ["--config", join(root, ".dependency-cruiser.mjs"), "--output-type", "json", "src"];
    const { stdout, stderr } = spawnSync(process.execPath, [cruise, ...options], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
    assert.ok(stdout.startsWith("{"), stderr);
    const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string }[] } };
    return [...new Set(summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`))].sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const whole = {
  "src/core/words.ts": [],
  "src/bytes/shards/index.ts": ["../../core/words.ts", "node:zlib"],
  "src/bytes/shards/inner.ts": [],
  "src/machine/pool.ts": ["../bytes/shards/index.ts", "node:worker_threads"],
  "src/places/volumes/volume.ts": ["../../core/words.ts"],
  "src/places/volumes/index.ts": ["./local/driver.ts"],
  "src/places/volumes/conformance.ts": ["./volume.ts"],
  "src/places/volumes/local/driver.ts": ["../volume.ts", "../../../machine/pool.ts"],
  "src/places/volumes/local/driver.test.ts": ["../conformance.ts", "../../../bytes/shards/inner.ts"],
  "src/places/volumes/memory/driver.ts": ["../volume.ts"],
  "src/places/catalog/index.ts": ["../volumes/volume.ts"],
  "src/moves/placement/index.ts": ["../../places/volumes/index.ts"],
  "src/flows/push.ts": ["../moves/placement/index.ts"],
  "src/index.ts": ["./flows/push.ts"],
  "src/faces/cli/main.ts": ["../../index.ts"],
};

test("the layout as it is meant breaks no rule", () => {
  assert.deepEqual(violations(whole), []);
});

test("each rule is broken by what it is there for", () => {
  const broken = {
    ...whole,
    "src/core/upwards.ts": ["../flows/push.ts"],
    "src/bytes/codecs/index.ts": ["../shards/index.ts"],
    "src/bytes/kernels/index.ts": ["node:fs"],
    "src/moves/transfer/index.ts": ["../../bytes/shards/inner.ts"],
    "src/places/volumes/memory/other.ts": ["../local/driver.ts"],
    "src/flows/one.ts": ["./two.ts"],
    "src/flows/two.ts": ["./one.ts"],
    "src/flows/tested.ts": ["../places/volumes/conformance.ts"],
    "src/flows/lost.ts": ["./nowhere.ts"],
    "src/flows/foreign.ts": ["not-in-package-json"],
    "src/elsewhere/new.ts": ["../core/words.ts"],
  };
  const found = violations(broken);
  const wanted = [
    "cycles: src/flows/one.ts",
    "door: bytes/shards: src/moves/transfer/index.ts",
    "drivers: places/volumes: src/places/volumes/memory/other.ts",
    "floor: bytes/codecs: src/bytes/codecs/index.ts",
    "floor: core: src/core/upwards.ts",
    "known: src/elsewhere/new.ts",
    "pure: src/bytes/kernels/index.ts",
    "resolved: src/flows/foreign.ts",
    "resolved: src/flows/lost.ts",
    "tests stay outside: src/flows/tested.ts",
  ];
  for (const violation of wanted) assert.ok(found.includes(violation), `${violation} was not found in\n${found.join("\n")}`);
});
