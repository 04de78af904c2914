/** Rules about the text of a file, whatever its language: one line at a time. */
import type { Finding } from "./source.ts";

export interface TextRule {
  readonly name: string;
  readonly says: string;
  readonly applies: (path: string) => boolean;
  readonly pattern: RegExp;
  readonly bad: string;
  readonly good: string;
}

const code = (path: string): boolean => /\.(?:ts|mjs)$/.test(path);
/** The rules name what they look for, so the files of the rules are not looked at. */
const notARule = (path: string): boolean => !path.startsWith("test/tidy/");
const folders = ["home", "root", "Users", "work", "farm"].join("|");

export const textRules: readonly TextRule[] = [
  {
    name: "silenced type error",
    says: "say why behind the directive, and use @ts-expect-error, which fails once it is not needed",
    // AssemblyScript's decorators on functions are not TypeScript's, and each needs the directive.
    applies: (path) => code(path) && notARule(path) && !path.startsWith("kernels/assembly/"),
    pattern: /@ts-ignore|@ts-nocheck|@ts-expect-error\s*(?:\*\/)?\s*$/,
    bad: "// @ts-ignore",
    good: "// @ts-expect-error: the types of the package lack the second parameter",
  },
  {
    name: "work left lying",
    says: "do it, or name the issue where it is written down: TODO(#12)",
    applies: notARule,
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/,
    bad: "// TODO: later",
    good: "// TODO(#12): later",
  },
  {
    name: "path of one machine",
    says: "the project must build and pass anywhere: use a relative path or a temporary folder",
    applies: notARule,
    pattern: new RegExp(`(?:^|[^A-Za-z0-9_.~-])/(?:${folders})/[A-Za-z]`),
    bad: `const data = "/${"home"}/ann/models";`,
    good: "const data = join(tmpdir(), name);",
  },
  {
    name: "host of a registry",
    says: "npm knows where its registry is; the project does not say",
    applies: notARule,
    pattern: new RegExp(`"resolved": "${"http"}|${"http"}s?://(?:${["registry", "proxy", "index", "files"].join("|")})\\.`),
    bad: `"resolved": "${"http"}s://example.org/a.tgz"`,
    good: '"integrity": "sha512-…"',
  },
  {
    name: "line ends and tabs",
    says: "lines end in LF, and are indented with spaces",
    applies: (path) => code(path) || /\.(?:md|json|yaml|sh)$/.test(path),
    pattern: /\r|^\t/,
    bad: "\tconst a = 1;",
    good: "  const a = 1;",
  },
];

export function findInText(rule: TextRule, path: string, text: string): readonly Finding[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => (rule.pattern.test(line) ? [{ path, line: index + 1, says: `${rule.name}: ${rule.says}` }] : []));
}
