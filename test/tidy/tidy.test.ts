/** The house rules that no other tool checks, over every file; and for each rule that it finds what it must and leaves what it must. */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { volumeRemovers } from "../../layers.mjs";
import { bans, findBanned } from "./banned.ts";
import { findDoorsWithoutSign, findDriversWithoutSuite, findEmptyNames, type Tree } from "./modules.ts";
import { findRemovers, programOf } from "./removers.ts";
import { findEarlyReturns } from "./returns.ts";
import { allowances, fileLinesMax, findIdleAllowances, findTooLong, functionLinesMax } from "./sizes.ts";
import { type Finding, filesUnder, root, show, sourceOf, sourcesUnder, textOf } from "./source.ts";
import { findInText, textRules } from "./text.ts";

function assertNone(findings: readonly Finding[]): void {
  if (findings.length > 0) assert.fail(show(findings));
}

const sources = sourcesUnder("src", "test", "scripts", "bench", "sim");
const texts = filesUnder(".").filter((path) => /\.(?:ts|mjs|js|json|md|sh|yaml|yml)$|^(?:bin|\.ci)\//.test(path));
const tree: Tree = { paths: filesUnder("src"), text: textOf };
const program = programOf(sources.map(({ path }) => path));

for (const ban of bans) {
  test(`banned: ${ban.name}`, () => {
    assert.equal(findBanned(ban, sourceOf("sample.ts", ban.bad)).length, 1, "the rule must find its own bad sample");
    assert.equal(findBanned(ban, sourceOf("sample.ts", ban.good)).length, 0, "the rule must leave its own good sample alone");
    const findings = sources.filter(({ path }) => ban.applies(path) && !path.startsWith("test/tidy/")).flatMap((source) => findBanned(ban, source));
    assertNone(findings);
  });
}

for (const rule of textRules) {
  test(`text: ${rule.name}`, () => {
    assert.equal(findInText(rule, "sample.ts", rule.bad).length, 1, "the rule must find its own bad sample");
    assert.equal(findInText(rule, "sample.ts", rule.good).length, 0, "the rule must leave its own good sample alone");
    assertNone(texts.filter(rule.applies).flatMap((path) => findInText(rule, path, textOf(path))));
  });
}

test("files and functions stay short", () => {
  const long = `function f() {\n${"  g();\n".repeat(functionLinesMax)}}\n`;
  assert.equal(findTooLong(sourceOf("src/a.ts", long), {}).length, 1);
  assert.equal(findTooLong(sourceOf("src/a.ts", long), { "src/a.ts#f": "a reason" }).length, 0);
  assert.equal(findTooLong(sourceOf("src/a.ts", "a;\n".repeat(fileLinesMax + 1)), {}).length, 1);
  assert.deepEqual(findIdleAllowances([sourceOf("src/a.ts", "a;")], { "src/a.ts": "no longer" }), ["src/a.ts"]);
  assertNone(sources.flatMap((source) => findTooLong(source, allowances)));
  assert.deepEqual(findIdleAllowances(sources, allowances), [], "an allowance that nothing needs any more");
});

test("a module has a door with a sign", () => {
  const sample = (text: string): Tree => ({ paths: ["src/bytes/parallel/index.ts"], text: () => text });
  assert.equal(findDoorsWithoutSign(sample("export {};")).length, 1);
  assert.equal(findDoorsWithoutSign({ paths: ["src/bytes/parallel/ranks.ts"], text: () => "" }).length, 1);
  assert.equal(findDoorsWithoutSign(sample(`/** ${"what it is for ".repeat(6)} */`)).length, 0);
  assertNone(findDoorsWithoutSign(tree));
});

test("a driver runs the conformance suite of its seam", () => {
  const sample = (text: string): Tree => ({ paths: ["src/places/volumes/tape/driver.ts", "src/places/volumes/tape/driver.test.ts"], text: () => text });
  assert.equal(findDriversWithoutSuite(sample('import { test } from "node:test";')).length, 1);
  assert.equal(findDriversWithoutSuite(sample('import { volumeSuite } from "../conformance.ts";')).length, 0);
  assertNone(findDriversWithoutSuite(tree));
});

test("a file is named after its idea", () => {
  assert.deepEqual(
    findEmptyNames(["src/a/utils.ts", "src/helpers/a.ts", "src/a/test-common.ts", "src/core/commonality.ts"]).map(({ path }) => path),
    ["src/a/utils.ts", "src/helpers/a.ts", "src/a/test-common.ts"],
  );
  assertNone(findEmptyNames(sources.map(({ path }) => path)));
});

test("only the collector and the rewriting of a replica remove objects from volumes", () => {
  const sample = resolve(root, "src/flows/sample-of-the-tidy-test.ts");
  const bad = 'import type { Volume } from "../places/volumes/volume.ts";\nexport const f = (volume: Volume, s: AbortSignal) => volume.remove([], s);\n';
  const good = "export const f = (set: { remove(key: string): void }) => set.remove('a');\n";
  assert.equal(findRemovers(programOf([], new Map([[sample, bad]])), volumeRemovers).length, 1);
  assert.equal(findRemovers(programOf([], new Map([[sample, bad]])), ["src/flows/sample"]).length, 0);
  assert.equal(findRemovers(programOf([], new Map([[sample, good]])), volumeRemovers).length, 0);
  assertNone(findRemovers(program, volumeRemovers));
});

test("nothing is disposed of while what is returned still works with it", () => {
  const sample = resolve(root, "src/flows/sample-of-the-tidy-test.ts");
  const text = (kind: string, back: string): ReadonlyMap<string, string> =>
    new Map([
      [
        sample,
        `export async function f(g: (d: unknown) => Promise<number>, d: AsyncDisposable & Disposable) {\n  ${kind} e = d;\n  if (e) ${back};\n  return 1;\n}\n`,
      ],
    ]);
  for (const kind of ["await using", "using"]) {
    assert.equal(findEarlyReturns(programOf([], text(kind, "return g(e)"))).length, 1);
    assert.equal(findEarlyReturns(programOf([], text(kind, "return await g(e)"))).length, 0);
    assert.equal(findEarlyReturns(programOf([], text(kind, "[1].map(() => { return g(e); })"))).length, 0);
  }
  assert.equal(findEarlyReturns(programOf([], text("const", "return g(e)"))).length, 0);
  assertNone(findEarlyReturns(program));
});
