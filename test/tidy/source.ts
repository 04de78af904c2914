/** The sources as the rules see them: text, syntax tree, and where things are. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import ts from "typescript";
import { testing } from "../../layers.mjs";

export const root = resolve(import.meta.dirname, "../..");

export interface Source {
  /** Relative to the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly says: string;
}

const passedOver = new Set(["node_modules", "dist", "build", ".git", ".cache"]);

/** Every file under the folders, in order; a folder that is not there holds none. */
export function filesUnder(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => walk(folder)).sort();
}

function walk(folder: string): readonly string[] {
  const entries = readdirOrNone(folder);
  return entries.flatMap((entry) => {
    if (passedOver.has(entry.name)) return [];
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function readdirOrNone(folder: string) {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function sourceOf(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path.split(sep).join("/"), text, ts.ScriptTarget.Latest, true) };
}

export function sourcesUnder(...folders: readonly string[]): readonly Source[] {
  return filesUnder(...folders)
    .filter((path) => /\.(?:ts|mjs)$/.test(path))
    .map((path) => sourceOf(path, textOf(path)));
}

export function lineOf({ tree }: Pick<Source, "tree">, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Of a node of a program, whose files have absolute names. */
export function findingAt(node: ts.Node, says: string): Finding {
  const tree = node.getSourceFile();
  return { path: tree.fileName.slice(root.length + 1), line: lineOf({ tree }, node.getStart()), says };
}

/** Calls `visit` for every node of the tree, parents first. */
export function everyNode(source: Source, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(source.tree);
}

export function isTest(path: string): boolean {
  return path.startsWith("test/") || new RegExp(testing).test(path);
}

export function show(findings: readonly Finding[]): string {
  return findings.map(({ path, line, says }) => `${path}:${line}: ${says}`).join("\n");
}
