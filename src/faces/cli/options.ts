/** The kinds of values that options take, and the options that several commands share. */

import { parseBytes, parseDurationMs } from "../../core/units.ts";
import { HoldfastError } from "../../index.ts";
import type { Option } from "./command.ts";
import { UsageError } from "./usage.ts";

export function text(flags: string, help: string): Option<string> & { readonly parse: (text: string) => string } {
  return { flags, help, parse: (value) => value };
}

export function list(
  flags: string,
  help: string,
): { readonly flags: string; readonly help: string; readonly parse: (text: string) => string; readonly repeat: true } {
  return { flags, help, parse: (value) => value, repeat: true };
}

export function toggle(flags: string, help: string): Option<boolean> {
  return { flags, help, parse: undefined };
}

export function integer(flags: string, help: string, min: number, max: number): Option<number> {
  return {
    flags,
    help,
    parse: (value) => {
      const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      throw new UsageError(`${flags}: ${JSON.stringify(value)} is not usable`, `Write a whole number between ${min} and ${max}.`);
    },
  };
}

export function number(flags: string, help: string): Option<number> {
  return {
    flags,
    help,
    parse: (value) => {
      const parsed = Number(value);
      if (value.trim() !== "" && Number.isFinite(parsed) && parsed > 0) return parsed;
      throw new UsageError(`${flags}: ${JSON.stringify(value)} is not usable`, "Write a number above 0.");
    },
  };
}

export function choice<const T extends string>(flags: string, help: string, choices: readonly T[]): Option<T> {
  return {
    flags,
    help: `${help} (${choices.join(", ")})`,
    parse: (value) => {
      const found = choices.find((candidate) => candidate === value);
      if (found) return found;
      throw new UsageError(`${flags}: ${JSON.stringify(value)} is not usable`, `Write one of ${choices.join(", ")}.`);
    },
  };
}

/** By the parser of the library, whose complaint is about the line here. */
function parsed(flags: string, help: string, parse: (text: string) => number): Option<number> {
  return {
    flags,
    help,
    parse: (value) => {
      try {
        return parse(value);
      } catch (error) {
        if (error instanceof HoldfastError) throw new UsageError(`${flags}: ${error.message}`, "Correct the value.");
        throw error;
      }
    },
  };
}

export const size = (flags: string, help: string): Option<number> => parsed(flags, help, parseBytes);
export const duration = (flags: string, help: string): Option<number> => parsed(flags, help, parseDurationMs);

export const replicas = integer("--replicas <R>", "copies, each on a volume of its own (default: the store's setting, else 1)", 1, 16);
export const replicasMin = integer("--min-replicas <W>", "acknowledge with fewer copies; a repair makes the rest (default: all)", 1, 16);

/** Leaves out what was not given, so that the library's defaults hold. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
