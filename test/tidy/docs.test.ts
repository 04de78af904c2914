/** Pages that have a twin in the code, and pages with a form: each is compared in both directions, or read as its form says. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { errorTable } from "../../src/core/errors.ts";
import { filesUnder, root, textOf } from "./source.ts";

/** The cells of every row of a page's tables, without heads. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const lines = page.split("\n").filter((line) => line.startsWith("| "));
  return lines
    .filter((line) => !line.startsWith("| ---"))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf("|"))
        .split("|")
        .map((cell) => cell.trim()),
    );
}

test("docs/errors.md is the table of errors, in order", () => {
  const written = rowsOf(textOf("docs/errors.md")).filter(([first = ""]) => /^`[A-Z_]+`$/.test(first));
  const table = Object.entries(errorTable).map(([code, [kind, when]]) => [`\`${code}\``, kind, when]);
  assert.deepEqual(written, table);
});

test("docs/errors.md explains every kind", () => {
  const explained = rowsOf(textOf("docs/errors.md")).flatMap(([kind, , , exit]) => (exit !== undefined && /^\d+$/.test(exit) ? [kind] : []));
  assert.deepEqual([...explained].sort(), [...new Set(Object.values(errorTable).map(([kind]) => kind))].sort());
});

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

test("docs/dependencies.md has a full line for every dependency, under the heading where it belongs", () => {
  const [main, kernels] = ["package.json", "kernels/package.json"].map((path) => JSON.parse(textOf(path)) as PackageFile);
  const wanted = {
    "In the product": Object.keys({ ...main?.dependencies, ...kernels?.dependencies }),
    "For one platform each": Object.keys({ ...main?.optionalDependencies }),
    "In development": Object.keys({ ...main?.devDependencies, ...kernels?.devDependencies }),
  };
  const sections = textOf("docs/dependencies.md").split(/^## /m).slice(1);
  for (const [heading, packages] of Object.entries(wanted)) {
    const rows = rowsOf(sections.find((section) => section.startsWith(heading)) ?? "").filter(([name = ""]) => name.startsWith("`"));
    assert.deepEqual(rows.map(([name = ""]) => name.slice(1, -1)).sort(), [...packages].sort(), heading);
    for (const row of rows) assert.ok(row.length === 5 && row.every((cell) => cell.length > 2), `a full line for ${row[0]}`);
  }
});

test("docs/glossary.md has each word once, in order", () => {
  const words = rowsOf(textOf("docs/glossary.md"))
    .slice(1)
    .map(([word = ""]) => word);
  assert.ok(words.length > 30);
  assert.deepEqual(
    words,
    [...new Set(words)].sort((a, b) => a.localeCompare(b, "en")),
  );
});

function changeProblem(path: string, text: string): string | undefined {
  if (!/^changes\/(?:added|changed|fixed|removed|security)-[a-z0-9]+(?:-[a-z0-9]+)*\.md$/.test(path)) return "the name is not <kind>-<what>.md";
  const lines = text.trimEnd().split("\n");
  if (!/^[A-Z].*\.$/.test(lines[0] ?? "") || lines[1] !== "") return "the first line is not one sentence with a blank line behind it";
  if (lines.length < 5) return "what it means for the reader is missing";
  return /^Issue: #[1-9]\d*$/.test(lines.at(-1) ?? "") ? undefined : "the last line is not `Issue: #<number>`";
}

test("changes/ holds well-formed changes", () => {
  assert.equal(changeProblem("changes/added-x.md", "It works.\n\nDo this.\n\nIssue: #1\n"), undefined);
  assert.ok(changeProblem("changes/news.md", "It works.\n\nDo this.\n\nIssue: #1\n"));
  assert.ok(changeProblem("changes/added-x.md", "It works\nDo this.\n\n\nIssue: #1\n"));
  assert.ok(changeProblem("changes/added-x.md", "It works.\n\nIssue: #1\n"));
  assert.ok(changeProblem("changes/added-x.md", textOf("changes/TEMPLATE")), "the template is not a change");
  const changes = filesUnder("changes").filter((path) => !/\/(?:README\.md|TEMPLATE)$/.test(path));
  assert.deepEqual(
    changes.flatMap((path) => changeProblem(path, textOf(path)) ?? []),
    [],
  );
});

test("decisions are numbered without gaps and say what was decided, why, and what it costs", () => {
  const pages = filesUnder("docs/decisions");
  assert.ok(pages.length > 0);
  assert.deepEqual(
    pages.map((path) => Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1])),
    pages.map((_, index) => index + 1),
  );
  for (const path of pages)
    for (const heading of ["## Decision", "## Why", "## Cost"]) assert.ok(textOf(path).includes(`\n${heading}\n`), `${path} has no "${heading}"`);
});

/** Targets of links in a page, without anchors; links to other sites are not followed. */
function linksOf(text: string): readonly string[] {
  const targets = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)|(?:src|srcset|href)="([^"#]+)"/g)].map(([, a, b]) => a ?? b ?? "");
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

test("links between pages lead somewhere", () => {
  assert.deepEqual(linksOf('[a](docs/a.md#b) [c](https://example.org) <img src="d.svg">'), ["docs/a.md", "d.svg"]);
  const pages = filesUnder(".").filter((path) => path.endsWith(".md"));
  const dead = pages.flatMap((page) =>
    linksOf(textOf(page))
      .filter((target) => !existsSync(join(root, normalize(join(dirname(page), target)))))
      .map((target) => `${page}: ${target}`),
  );
  assert.deepEqual(dead, []);
});
