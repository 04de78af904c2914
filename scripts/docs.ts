// Pages that are made from the code: docs/configuration.md from the schema of the settings, and the reference in docs/cli.md from what
// each command says of itself. `node scripts/docs.ts` writes them; a test compares them with what is written.
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { hitRatios, hitRatioTable } from "../bench/cache/hit-ratios.ts";
import { configSchema } from "../src/config/schema.ts";
import type { AnyCommand, Options } from "../src/faces/cli/command.ts";
import { commands, globalOptions } from "../src/faces/cli/index.ts";

const root = new URL("../", import.meta.url);
const marker = "<!-- Made by scripts/docs.ts from here on. -->";

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** The whole page below its marker. */
export function configurationReference(): string {
  const schema = z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema;
  const entries = (list: string): string => tableOf(schema.properties?.[list]?.items?.properties ?? {});
  const parts = [
    "## Settings",
    tableOf(schema.properties ?? {}),
    "## Each entry of `volumes`",
    entries("volumes"),
    "## Each entry of `cache`",
    entries("cache"),
  ];
  return `${parts.join("\n\n")}\n`;
}

function tableOf(properties: Readonly<Record<string, JsonSchema>>): string {
  const rows = Object.entries(properties).map(
    ([key, schema]) => `| \`${key}\` | ${kindOf(schema)} | ${defaultOf(schema)} | ${escaped(schema.description ?? "")} |`,
  );
  return ["| setting | value | default | what it is |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function kindOf({ type, enum: words, anyOf, minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (anyOf) return "size";
  if (words) return words.map((word) => `\`${word}\``).join(", ");
  if (type === "array") return "list";
  if (type === "string") return "text";
  const low = minimum ?? (exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`);
  return `${type === "integer" ? "whole number" : "number"}${low === undefined ? "" : `, ${low} to ${maximum}`}`;
}

function defaultOf(schema: JsonSchema): string {
  if (schema.default === undefined) return "";
  return Array.isArray(schema.default) ? "none" : `\`${String(schema.default)}\``;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}

export function commandReference(): string {
  const common = ["## Options of every command", "", optionTable(globalOptions)];
  return [...common, ...commands.flatMap((command) => ["", ...sectionOf(command)]), ""].join("\n");
}

function sectionOf(command: AnyCommand): readonly string[] {
  const words = command.arguments.map(({ name, optional }) => (optional ? `[${name}]` : name));
  const usage = ["holdfast", command.name, ...words].join(" ");
  const takes = command.arguments.map(({ name, help }) => `- \`${name}\`: ${help}`);
  const options = Object.keys(command.options).length > 0 ? ["", optionTable(command.options)] : [];
  const examples = ["", "```sh", ...command.examples, "```"];
  const fields = ["", `\`--json\`: ${command.fields.map((field) => `\`${field}\``).join(" ")}`];
  return [`## ${command.name}`, "", `\`${usage}\`: ${command.summary}.`, ...(takes.length > 0 ? ["", ...takes] : []), ...options, ...examples, ...fields];
}

function optionTable(options: Options): string {
  const rows = Object.values(options).map(({ flags, help }) => `| \`${flags}\` | ${escaped(help)} |`);
  return ["| option | what it does |", "| --- | --- |", ...rows].join("\n");
}

/** A page with everything behind its marker made anew. */
export function pageWith(text: string, made: string): string {
  const at = text.indexOf(marker);
  if (at === -1) throw new Error(`the page has no line ${marker}`);
  return `${text.slice(0, at)}${marker}\n\n${made}`;
}

function policyComparison(): string {
  const ratios = hitRatios();
  const says = [...new Map(ratios.map((ratio) => [ratio.trace, ratio.says]))].map(([trace, text]) => `- **${trace}**: ${text}.`);
  return `${[...says, "", hitRatioTable(ratios)].join("\n")}\n`;
}

export const madePages: readonly { readonly path: string; readonly make: () => string }[] = [
  { path: "docs/configuration.md", make: configurationReference },
  { path: "docs/cli.md", make: commandReference },
  { path: "docs/cache.md", make: policyComparison },
];

if (import.meta.main)
  for (const { path, make } of madePages) {
    const url = new URL(path, root);
    writeFileSync(url, pageWith(readFileSync(url, "utf8"), make()));
    console.log(`wrote ${path}`);
  }
