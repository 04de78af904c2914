/** Who calls `Volume.remove`. Asked of the type checker, since `remove` is a name that many things have. */
import { resolve } from "node:path";
import ts from "typescript";
import { type Finding, findingAt, isTest, root } from "./source.ts";

/** A program over files of the project, or over texts given by path (which must lie in the project, so that imports resolve). */
export function programOf(paths: readonly string[], texts: ReadonlyMap<string, string> = new Map()): ts.Program {
  const config = ts.readConfigFile(resolve(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [], files: ["layers.mjs"] }, ts.sys, root);
  const host = ts.createCompilerHost(options, true);
  const { readFile, fileExists } = host;
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  return ts.createProgram([...paths.map((path) => resolve(root, path)), ...texts.keys()], options, host);
}

/** Calls of `remove` on something that has the five verbs of a volume, in files outside the allowed ones. */
export function findRemovers(program: ts.Program, allowed: readonly string[]): readonly Finding[] {
  const checker = program.getTypeChecker();
  return program.getSourceFiles().flatMap((file) => {
    const path = file.fileName.slice(root.length + 1);
    if (!path.startsWith("src/") || isTest(path) || allowed.some((start) => path.startsWith(start))) return [];
    const findings: Finding[] = [];
    const step = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node) && node.name.text === "remove" && isVolume(checker, node.expression))
        findings.push(findingAt(node, `only ${allowed.join(", ")} remove objects: everything else leaves it to the two phases of the collector`));
      ts.forEachChild(node, step);
    };
    step(file);
    return findings;
  });
}

function isVolume(checker: ts.TypeChecker, expression: ts.Expression): boolean {
  const type = checker.getTypeAtLocation(expression);
  return ["put", "get", "stat", "list", "remove", "traits"].every((name) => checker.getPropertyOfType(type, name) !== undefined);
}
