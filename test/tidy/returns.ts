/** What leaves the scope of a `using` before it is done: disposal does not wait for a promise that is returned and not awaited. */
import ts from "typescript";
import { type Finding, findingAt, root } from "./source.ts";

/** Returns of a promise that is not awaited, behind a `using` of the same function whose scope they are in. */
export function findEarlyReturns(program: ts.Program): readonly Finding[] {
  const checker = program.getTypeChecker();
  return program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(`${root}/`) && !fileName.includes("/node_modules/"))
    .flatMap((file) => earlyReturns(file, checker))
    .map((node) => findingAt(node, "what the `using` above holds is disposed of before this is done: `return await`"));
}

function earlyReturns(file: ts.SourceFile, checker: ts.TypeChecker): ts.Node[] {
  const found: ts.Node[] = [];
  const step = (node: ts.Node, inScope: boolean): void => {
    if (ts.isReturnStatement(node) && inScope && node.expression && isUnawaitedPromise(checker, node.expression)) found.push(node);
    let scope = inScope && !ts.isFunctionLike(node);
    ts.forEachChild(node, (child) => {
      step(child, scope);
      scope ||= isUsing(child);
    });
  };
  step(file, false);
  return found;
}

function isUsing(node: ts.Node): boolean {
  if (!ts.isVariableStatement(node)) return false;
  const kind = node.declarationList.flags & ts.NodeFlags.BlockScoped;
  return kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing;
}

function isUnawaitedPromise(checker: ts.TypeChecker, expression: ts.Expression): boolean {
  return !ts.isAwaitExpression(expression) && checker.getPropertyOfType(checker.getTypeAtLocation(expression), "then") !== undefined;
}
