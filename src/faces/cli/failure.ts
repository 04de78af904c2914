/** What went wrong, for people in two lines and for programs as an object. */
import { HoldfastError } from "../../index.ts";
import { exitCodes } from "./exit-code.ts";
import { UsageError } from "./usage.ts";

export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly kind: string;
  readonly message: string;
  readonly advice: string | undefined;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof HoldfastError && error.kind === "cancelled")
    return {
      exitCode: exitCodes.cancelled,
      code: error.code,
      kind: error.kind,
      message: "interrupted",
      advice: "The same line again goes on: what was done is kept.",
    };
  if (error instanceof HoldfastError)
    return { exitCode: exitCodes[error.kind], code: error.code, kind: error.kind, message: error.message, advice: error.advice };
  if (error instanceof UsageError) return { exitCode: exitCodes.usage, code: "USAGE", kind: "usage", message: error.message, advice: error.advice };
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: exitCodes.bug, code: "BUG", kind: "bug", message, advice: "This is a bug of Holdfast: please report it with the lines above." };
}

/** For --verbose and for bugs: where it came from, and what was under it. */
export function trailOf(error: unknown): string {
  const lines: string[] = [];
  for (let at = error; at instanceof Error && lines.length < 10; at = at.cause) lines.push(at.stack ?? String(at));
  return lines.join("\ncaused by ");
}
