/** From the text of `holdfast.yaml` to settings, or to the line that is wrong and what to write instead. */
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { fault, type HoldfastError } from "../core/errors.ts";
import { isCatalogUrl, withoutPassword } from "../places/catalog/index.ts";
import { nearest } from "./nearest.ts";
import { type Config, configSchema } from "./schema.ts";

/** `where` is named in errors. */
export function checkConfig(text: string, where: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem)
    throw fault("CONFIG_INVALID", `${where}:${problem.linePos?.[0].line ?? 1}: ${problem.message.split("\n")[0]}`, { cause: problem, advice: readThePage });
  const parsed = configSchema.safeParse(settingsIn(document, where));
  const page = new Page(where, document, lines);
  if (!parsed.success) throw page.faultOf(parsed.error.issues[0] as z.core.$ZodIssue);
  page.refuseUnsupported(parsed.data);
  return parsed.data;
}

const readThePage = "docs/configuration.md has every setting with an example.";

/** An empty file is no settings. */
function settingsIn(document: Document, where: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw fault("CONFIG_INVALID", `${where}: ${(error as Error).message}`, { cause: error, advice: readThePage });
  }
}

type Path = readonly PropertyKey[];

class Page {
  readonly #where: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(where: string, document: Document, lines: LineCounter) {
    this.#where = where;
    this.#document = document;
    this.#lines = lines;
  }

  faultOf(issue: z.core.$ZodIssue): HoldfastError {
    if (issue.code === "unrecognized_keys") return this.#unknownKey(issue.path, issue.keys[0] as string);
    const what = issue.path.length === 0 ? "" : `${spell(issue.path)}: `;
    return fault("CONFIG_INVALID", `${this.#at(issue.path)}: ${what}${issue.message.replace(/^Invalid input: /, "")}`, { advice: readThePage });
  }

  #unknownKey(path: Path, key: string): HoldfastError {
    const known = keysAt(path);
    const meant = nearest(key, known);
    const advice = meant ? `Did you mean ${JSON.stringify(meant)}?` : `The settings here are ${known.join(", ")}.`;
    return fault("CONFIG_INVALID", `${this.#at([...path, key])}: there is no setting ${spell([...path, key])}`, { advice });
  }

  refuseUnsupported({ catalog }: Config): void {
    if (isCatalogUrl(catalog)) return;
    throw fault("STORE_UNSUPPORTED", `${this.#at(["catalog"])}: a catalog at ${JSON.stringify(withoutPassword(catalog))} is unsupported`, {
      advice: "This version keeps catalogs in SQLite and PostgreSQL: write sqlite:FILE or postgres://USER@HOST/DATABASE, or leave the setting out.",
    });
  }

  /** `file:line` of the setting, or of the nearest outer one that is written. */
  #at(path: Path): string {
    for (let depth = path.length; depth > 0; depth--) {
      const offset = this.#offsetOf(path.slice(0, depth));
      if (offset !== undefined) return `${this.#where}:${this.#lines.linePos(offset).line}`;
    }
    return `${this.#where}:1`;
  }

  #offsetOf(path: Path): number | undefined {
    const node = this.#document.getIn(path, true);
    return isNode(node) ? node.range?.[0] : undefined;
  }
}

/** The names of the settings at a place of the schema. */
function keysAt(path: Path): string[] {
  if (path[0] === "cache") return Object.keys(configSchema.shape.cache.unwrap().element.shape);
  return Object.keys(path[0] === "volumes" ? configSchema.shape.volumes.unwrap().element.shape : configSchema.shape);
}

/** `volumes[0].url` */
function spell(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index > 0 ? "." : ""}${String(step)}`)).join("");
}
