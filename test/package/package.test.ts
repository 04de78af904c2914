/**
 * The package as a stranger gets it: built, packed, installed by npm into an empty folder, used by a program, by its
 * types and by its command. It asks the registry that npm is set to, and finds all it needs in npm's cache after a setup.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, suite, test } from "node:test";
import { testing } from "../../layers.mjs";

const root = resolve(import.meta.dirname, "../..");

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  assert.equal(status, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}${error ?? ""}`);
  return stdout;
}

/** A folder with what `npm pack` reads, so that the checkout is not written to. */
function stage(folder: string): void {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: readonly string[] };
  for (const name of ["package.json", ...files]) if (name !== "dist") cpSync(join(root, name), join(folder, name), { recursive: true });
  run(process.execPath, [join(root, "scripts/build.ts"), "--out", join(folder, "dist")], root);
}

const missing =
  existsSync(join(root, "src/index.ts")) && existsSync(join(root, "src/faces/cli/main.ts")) ? false : "the library or the command is not there yet";

suite("the package", { skip: missing }, () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-package-"));
  const app = join(folder, "app");
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(() => {
    mkdirSync(join(folder, "staged"));
    mkdirSync(app);
    stage(join(folder, "staged"));
    run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], join(folder, "staged"));
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
    run("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", join(folder, tarball)], app);
  });

  test("holds what is needed and no tests", () => {
    const names = readdirSync(join(app, "node_modules/holdfast"), { recursive: true, encoding: "utf8" });
    for (const name of ["LICENSE", "README.md", "bin/holdfast", "dist/index.js", "dist/index.d.ts", "dist/machine/worker.js", "kernels/build/kernels.wasm"])
      assert.ok(names.includes(name), name);
    const tests = new RegExp(testing);
    assert.deepEqual(
      names.filter((name) => tests.test(`/${name.replace(/(?:\.d)?\.[jt]s$/, ".ts")}`)),
      [],
    );
  });

  test("stores and loads from a program", () => {
    mkdirSync(join(app, "model"));
    writeFileSync(join(app, "model/config.json"), '{"layers":2}\n');
    writeFileSync(join(app, "model/weights.bin"), Buffer.alloc(3_000_000, "holdfast"));
    const program = `
      import { open } from "holdfast";
      await using store = await open("./store");
      await store.push("./model", "acme/tiny");
      await store.pull("acme/tiny", "./copy");
    `;
    writeFileSync(join(app, "program.mjs"), program);
    run(process.execPath, ["program.mjs"], app);
    for (const name of ["config.json", "weights.bin"]) assert.ok(readFileSync(join(app, "copy", name)).equals(readFileSync(join(app, "model", name))), name);
  });

  test("has types that a strict program accepts", () => {
    writeFileSync(join(app, "program.ts"), 'import { open } from "holdfast";\nexport const opening: Promise<AsyncDisposable> = open("./store");\n');
    const options = [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext.disposable,dom",
    ];
    const types = ["--typeRoots", join(root, "node_modules/@types"), "--types", "node"];
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, ...types, "program.ts"], app);
  });

  test("brings a command that sees the same store", () => {
    const out = run(join(app, "node_modules/.bin/holdfast"), ["ls", "--store", "./store", "--json"], app);
    const { models } = JSON.parse(out.trimEnd().split("\n").at(-1) ?? "") as { models: unknown };
    assert.match(JSON.stringify(models), /acme\/tiny/);
  });
});
