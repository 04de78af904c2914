/** The examples of docs/library.md and README.md are whole programs: they are type-checked, and run one after the other in one folder. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import ts from "typescript";
import { Bench } from "./command.ts";

const root = resolve(import.meta.dirname, "../..");
const examples = ["docs/library.md", "README.md"].flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code),
);

const bench = new Bench();
// Inside the package, so that "holdfast" is this one.
mkdirSync(join(root, ".cache"), { recursive: true });
const folder = mkdtempSync(join(root, ".cache", "examples-"));
const paths = examples.map((_, index) => join(folder, `example-${index}.mts`));

before(() => {
  bench.model("my-model");
  bench.model("my-model-v2");
  for (const [index, code] of examples.entries()) writeFileSync(paths[index] as string, code);
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  bench[Symbol.dispose]();
});

test("there are examples, and they fit the types", () => {
  assert.ok(examples.length >= 5);
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [], files: paths }, ts.sys, root);
  const program = ts.createProgram(paths, { ...options, noUnusedLocals: false });
  const problems = paths.flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  assert.deepEqual(
    problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    [],
  );
});

for (const [index, path] of paths.entries())
  test(`example ${index + 1} runs: ${examples[index]
    ?.split("\n")
    .find((line) => line.includes("await store"))
    ?.trim()}`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=holdfast-source", "--disable-warning=ExperimentalWarning", path], {
      cwd: bench.folder,
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(status, 0, `${examples[index]}\n${stdout}${stderr}`);
  });
