/**
 * The XML that S3 answers with, and no more of it: elements, attributes and text, the five entities and character references. Document types,
 * processing instructions and CDATA are refused; size, depth and count are bounded. Written by others, so nothing in it is believed.
 */
import { fault } from "../../../core/errors.ts";

export interface XmlElement {
  readonly name: string;
  /** The text of an element without children; of others it is passed over, being white space. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const charactersMax = 8 * 1024 * 1024;
const depthMax = 12;
const elementsMax = 60_000;
const name = /[A-Za-z_][A-Za-z0-9_.:-]{0,127}/y;
const attribute = /[ \t\r\n]+[A-Za-z_][A-Za-z0-9_.:-]{0,127}[ \t\r\n]*=[ \t\r\n]*(?:"[^"<]{0,4096}"|'[^'<]{0,4096}')/y;
const space = /[ \t\r\n]*/y;
const declaration = /<\?xml[ \t\r\n][^<>]{0,256}\?>/y;
const text = /[^<]*/y;
const badText = /&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)|\]\]>/;

/** The root. Throws VOLUME_UNREACHABLE for text that is not well formed. */
export function parseXml(document: string): XmlElement {
  if (document.length > charactersMax) throw malformed(`it is longer than ${charactersMax} characters`);
  return new Parser(document).document();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #elements = 0;

  constructor(document: string) {
    this.#text = document;
  }

  document(): XmlElement {
    if (this.#text.startsWith("\ufeff")) this.#at = 1;
    this.#take(space); // S3 sends spaces while it puts a large upload together
    this.#take(declaration);
    this.#take(space);
    const root = this.#element(0);
    this.#take(space);
    if (this.#at !== this.#text.length) throw malformed("something follows its root");
    return root;
  }

  #element(depth: number): XmlElement {
    if (depth >= depthMax || ++this.#elements > elementsMax) throw malformed("it has too many elements, or they are too deep");
    this.#expect("<");
    const opened = this.#name();
    while (this.#take(attribute) !== undefined);
    this.#take(space);
    if (this.#accept("/>")) return { name: opened, text: "", children: [] };
    this.#expect(">");
    return this.#content(opened, depth);
  }

  #content(opened: string, depth: number): XmlElement {
    const children: XmlElement[] = [];
    let content = this.#characters();
    while (!this.#accept("</")) {
      children.push(this.#element(depth + 1));
      content += this.#characters();
    }
    if (this.#name() !== opened) throw malformed(`<${opened}> is closed by another name`);
    this.#take(space);
    this.#expect(">");
    if (children.length > 0 && content.trim() !== "") throw malformed(`<${opened}> has text among its elements`);
    return { name: opened, text: children.length > 0 ? "" : content, children };
  }

  #characters(): string {
    const raw = this.#take(text) ?? "";
    if (badText.test(raw)) throw malformed("it has an entity that is not known");
    return raw.includes("&") ? raw.replace(/&([^;]+);/g, (_, entity: string) => characterOf(entity)) : raw;
  }

  #name(): string {
    const found = this.#take(name);
    if (found === undefined) throw malformed("an element has no name");
    return found;
  }

  #accept(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #expect(token: string): void {
    if (!this.#accept(token)) throw malformed(`${JSON.stringify(token)} is missing at character ${this.#at}`);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function characterOf(entity: string): string {
  const known = entities[entity];
  if (known !== undefined) return known;
  const point = entity.startsWith("#x") ? Number.parseInt(entity.slice(2), 16) : Number.parseInt(entity.slice(1), 10);
  if (point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw malformed("it has a character that is none");
  return String.fromCodePoint(point);
}

export function childrenOf({ children }: XmlElement, wanted: string): XmlElement[] {
  return children.filter((child) => child.name === wanted);
}

/** The text of the first child with the name. */
export function textIn({ children }: XmlElement, wanted: string): string | undefined {
  return children.find((child) => child.name === wanted)?.text;
}

export function escapeXml(value: string): string {
  return value.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function malformed(problem: string): Error {
  return fault("VOLUME_UNREACHABLE", `the answer is not XML as S3 has it: ${problem}`, { advice: "Check what stands at the endpoint of the volume." });
}
