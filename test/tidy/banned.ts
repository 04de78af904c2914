/** What must not stand in the sources, and what to write instead. Each rule brings a sample that it must find and one that it must not. */
import ts from "typescript";
import { everyNode, type Finding, isTest, lineOf, type Source } from "./source.ts";

export interface Ban {
  readonly name: string;
  /** What to do instead, as the finding says it. */
  readonly instead: string;
  /** Whether the rule looks at this file. */
  readonly applies: (path: string) => boolean;
  readonly finds: (node: ts.Node) => boolean;
  readonly bad: string;
  readonly good: string;
}

const product = (path: string): boolean => path.startsWith("src/") && !isTest(path);
const belowFaces = (path: string): boolean => product(path) && !path.startsWith("src/faces/");
const everywhere = (): boolean => true;

/** The text of `a.b.c`, or of `a`; undefined for anything else. */
function dotted(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const left = dotted(node.expression);
  return left === undefined ? undefined : `${left}.${node.name.text}`;
}

const uses =
  (...names: readonly string[]) =>
  (node: ts.Node): boolean =>
    ts.isPropertyAccessExpression(node) && names.includes(dotted(node) ?? "");

const calls =
  (...names: readonly string[]) =>
  (node: ts.Node): boolean =>
    (ts.isCallExpression(node) || ts.isNewExpression(node)) && names.includes(dotted(node.expression) ?? "");

const importsFrom = (pattern: RegExp) => (node: ts.Node) =>
  ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && pattern.test(node.moduleSpecifier.text) && !node.importClause?.isTypeOnly;

/** A name that an import brings, and that stands for a synchronous call of node:fs. */
function isSyncFileCall(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /^(?:fs\.)?[a-z][A-Za-z]*Sync$/.test(dotted(node.expression) ?? "");
}

export const bans: readonly Ban[] = [
  {
    name: "wall clock",
    instead: "take the time from World.now or World.ticks, or from the catalog for a lease",
    applies: (path) => product(path) && path !== "src/core/world/real.ts",
    finds: (node) =>
      uses("Date.now", "performance.now", "process.hrtime")(node) ||
      (ts.isNewExpression(node) && dotted(node.expression) === "Date" && !node.arguments?.length),
    bad: "const t = Date.now();",
    good: "const t = world.now(); new Date(t);",
  },
  {
    name: "chance",
    instead: "take it from World.random or World.id, so that a simulator can replay it",
    applies: (path) => product(path) && path !== "src/core/world/real.ts",
    finds: uses("Math.random", "crypto.randomUUID"),
    bad: "const r = Math.random();",
    good: "const r = world.random();",
  },
  {
    name: "timers",
    instead: "use World.sleep, which a signal ends and a simulator steers",
    applies: (path) => belowFaces(path) && path !== "src/core/world/real.ts",
    finds: (node) => calls("setTimeout", "setInterval")(node) || importsFrom(/^node:timers/)(node),
    bad: "setTimeout(work, 10);",
    good: "await world.sleep(10, signal);",
  },
  {
    name: "console",
    instead: "return or throw what there is to say; only faces and scripts print",
    applies: belowFaces,
    finds: (node) => ts.isPropertyAccessExpression(node) && dotted(node.expression) === "console",
    bad: "console.log(1);",
    good: "report(1);",
  },
  {
    name: "environment",
    instead: "take a parameter; only faces and scripts read the environment",
    applies: belowFaces,
    finds: (node) => uses("process.env", "process.argv", "process.exit", "process.cwd")(node),
    bad: "const home = process.env.HOME;",
    good: "const { home } = settings;",
  },
  {
    name: "synchronous files",
    instead: "await the promise version, or give the work to a data worker: the event loop serves everyone",
    applies: (path) => product(path) && /^src\/(?:flows|moves|faces)\//.test(path),
    finds: isSyncFileCall,
    bad: "const text = readFileSync(path);",
    good: "const text = await readFile(path);",
  },
  {
    name: "unchecked certificates",
    instead: "give the certificate of the authority (`ca`); a connection that checks nothing is no connection",
    applies: everywhere,
    finds: (node) => (ts.isIdentifier(node) || ts.isStringLiteral(node)) && ["rejectUnauthorized", "NODE_TLS_REJECT_UNAUTHORIZED"].includes(node.text),
    bad: "connect({ rejectUnauthorized: false });",
    good: "connect({ ca });",
  },
  {
    name: "evaluation",
    instead: "write the code out; nothing that was read is ever run",
    applies: everywhere,
    finds: calls("eval", "Function", "vm.runInThisContext", "vm.runInNewContext"),
    bad: 'const add = new Function("a", "b", "return a + b");',
    good: "const add = (a, b) => a + b;",
  },
  {
    name: "weights as numbers",
    instead: "keep weight bytes in Uint8Array views: a trip through floats can change signalling NaNs",
    applies: (path) => product(path) && /^src\/(?:bytes\/(?:codecs|shards|kernels)|machine)\//.test(path),
    finds: (node) => ts.isIdentifier(node) && ["Float32Array", "Float64Array", "Float16Array"].includes(node.text),
    bad: "const w = new Float32Array(chunk.buffer);",
    good: "const w = new Uint32Array(chunk.buffer);",
  },
  {
    name: "as any",
    instead: "say what the value is, or parse it",
    applies: everywhere,
    finds: (node) => ts.isAsExpression(node) && node.type.kind === ts.SyntaxKind.AnyKeyword,
    bad: "const x = y as any;",
    good: "const x = y as unknown;",
  },
  {
    name: "plain errors",
    instead: 'throw fault("CODE", …) from core/errors.ts; a plain Error is a bug that nobody can react to',
    applies: (path) => product(path) && /^src\/(?:bytes|places|moves|flows)\//.test(path),
    finds: (node) => ts.isThrowStatement(node) && ts.isNewExpression(node.expression) && dotted(node.expression.expression) === "Error",
    bad: 'throw new Error("gone");',
    good: 'throw fault("OBJECT_MISSING", "gone");',
  },
  {
    name: "skip without a reason",
    instead: "write the reason as the value of `skip`",
    applies: isTest,
    finds: (node) =>
      calls("test.skip", "it.skip", "describe.skip", "suite.skip", "test.todo", "it.todo")(node) ||
      (ts.isPropertyAssignment(node) && node.name.getText() === "skip" && node.initializer.kind === ts.SyntaxKind.TrueKeyword),
    bad: 'test("a", { skip: true }, () => {});',
    good: 'test("a", { skip: "needs O_DIRECT" }, () => {});',
  },
];

export function findBanned(ban: Ban, source: Source): readonly Finding[] {
  const findings: Finding[] = [];
  everyNode(source, (node) => {
    if (ban.finds(node)) findings.push({ path: source.path, line: lineOf(source, node.getStart()), says: `${ban.name}: ${ban.instead}` });
  });
  return findings;
}
