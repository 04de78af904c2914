/** One idea per file, and functions that can be read at a glance. What is longer stands here with the reason. */
import ts from "typescript";
import { everyNode, type Finding, isTest, lineOf, type Source } from "./source.ts";

export const fileLinesMax = 300;
/** Suites list cases; each case is short. */
const testFileLinesMax = 400;
export const functionLinesMax = 60;

/** Why a file, or a function as `path#name`, may be longer. A reason that no longer applies is a finding too. */
export const allowances: Readonly<Record<string, string>> = {};

interface Sized {
  /** Path of a file, or `path#name` of a function in it. */
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly linesMax: number;
}

function sizesOf(source: Source): readonly Sized[] {
  const sized: Sized[] = [
    { name: source.path, line: 1, lines: source.text.trimEnd().split("\n").length, linesMax: isTest(source.path) ? testFileLinesMax : fileLinesMax },
  ];
  if (isTest(source.path)) return sized;
  everyNode(source, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const first = lineOf(source, node.getStart());
    const lines = lineOf(source, node.end) - first + 1;
    sized.push({ name: `${source.path}#${nameOf(node)}`, line: first, lines, linesMax: functionLinesMax });
  });
  return sized;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText();
  const parent = node.parent;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : "anonymous";
}

export function findTooLong(source: Source, allowed: Readonly<Record<string, string>>): readonly Finding[] {
  return sizesOf(source)
    .filter(({ name, lines, linesMax }) => lines > linesMax && !(name in allowed))
    .map(({ name, line, lines, linesMax }) => ({
      path: source.path,
      line,
      says: `${name} has ${lines} lines, ${linesMax} are allowed: split it by idea, or write the reason into allowances`,
    }));
}

/** Allowances that nothing needs. */
export function findIdleAllowances(sources: readonly Source[], allowed: Readonly<Record<string, string>>): readonly string[] {
  const needed = new Set(sources.flatMap((source) => sizesOf(source).flatMap(({ name, lines, linesMax }) => (lines > linesMax ? [name] : []))));
  return Object.keys(allowed).filter((name) => !needed.has(name));
}
