/** What can be shown where the output goes: how wide, with or without colour. */
import { stripVTControlCharacters, styleText } from "node:util";
import { barOf } from "./bar.ts";

export interface Place {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export class Screen {
  readonly columns: number;
  readonly colour: boolean;
  readonly terminal: boolean;

  /** Output that goes to a file or a pipe has no width: lines are as long as they are. */
  constructor(stream: Place, env: NodeJS.ProcessEnv) {
    this.terminal = stream.isTTY === true && env.TERM !== "dumb";
    this.columns = this.terminal ? Math.max(20, stream.columns ?? 80) : Number.POSITIVE_INFINITY;
    this.colour = this.terminal && !env.NO_COLOR;
  }

  style(style: Style, text: string): string {
    return this.colour && text !== "" ? styleText(style, text, { validateStream: false }) : text;
  }

  bar(share: number, width: number): string {
    return this.style("cyan", barOf(share, width));
  }
}

const segmenter = new Intl.Segmenter("en");

/** Columns that a text takes on a terminal; wide characters take two. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  let width = 0;
  for (const { segment } of segmenter.segment(plain)) width += isWide(segment.codePointAt(0) ?? 0) ? 2 : 1;
  return width;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff)
  );
}

/** Plain text cut in its middle to a width: the beginning and the end of a path both say something. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const segments = [...segmenter.segment(text)].map(({ segment }) => segment);
  const head = takeWidth(segments, Math.ceil((width - 1) / 2));
  const tail = takeWidth(segments.toReversed(), Math.max(0, width - 1 - widthOf(head.join(""))));
  return `${head.join("")}…${tail.toReversed().join("")}`;
}

function takeWidth(segments: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const segment of segments) {
    used += widthOf(segment);
    if (used > width) break;
    taken.push(segment);
  }
  return taken;
}

/** Nothing that was named by someone else moves the cursor or changes what stands beside it. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced here
  return text.replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
