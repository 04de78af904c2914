/** The shape of every command: what it takes, what it does with a store, and how the result looks to people. */
import type { Store, StoreOptions, Task } from "../../index.ts";
import type { exitCodes } from "./exit-code.ts";
import type { Screen } from "./screen/screen.ts";

interface Argument {
  readonly name: string;
  readonly help: string;
  readonly optional?: true;
}

/** `parse` turns what was written into a value and throws UsageError; without it the option is a switch. */
export interface Option<T> {
  readonly flags: string;
  readonly help: string;
  readonly parse: ((text: string) => T) | undefined;
  /** The option may be given several times; its value is a list. */
  readonly repeat?: true;
}

export type Options = Readonly<Record<string, Option<unknown>>>;
type ValueOf<O> = O extends { readonly repeat: true; readonly parse: (text: string) => infer T }
  ? readonly T[]
  : O extends Option<infer T>
    ? T | undefined
    : never;
type Values<O extends Options> = { readonly [K in keyof O]: ValueOf<O[K]> };

export interface Session {
  readonly signal: AbortSignal;
  /** Shows the progress of a task until it is over. */
  readonly watch: <T>(task: Task<T>) => Promise<T>;
  /** Tells of one thing of many that come one by one: a line for people, or its object as a line of JSON. */
  readonly tell: (item: object, line: (screen: Screen) => string) => void;
  /** Asks a person for a yes; throws UsageError with the advice where there is none. */
  readonly confirm: (question: string, advice: string) => Promise<boolean>;
}

/** How a command wants its store: made when it is not there, only an existing one, or just its place, since its catalog may be gone. */
export type StoreNeed = "made" | "existing" | "place";

export interface Command<O extends Options = Options, R extends object = object, N extends StoreNeed = StoreNeed> {
  /** Two words for a command of a group. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly Argument[];
  readonly options: O;
  readonly needs: N;
  /** Lines of an example, for the help. */
  readonly examples: readonly string[];
  /** The fields of the JSON object that programs can rely on. */
  readonly fields: readonly string[];
  /** `given` are the arguments, in order; one that is not optional is always there. */
  run(store: N extends "place" ? StoreOptions : Store, given: readonly (string | undefined)[], options: Values<O>, session: Session): Promise<R>;
  render(result: R, screen: Screen): string;
  /** The end of a command that did its work and found something wrong; without it, all is well. */
  verdict?(result: R): keyof typeof exitCodes;
}

/** What the registry holds: the types of the options and of the result stay inside each command. */
export type AnyCommand = Command<Options, never, never>;

export function command<const O extends Options, R extends object, const N extends StoreNeed>(definition: Command<O, R, N>): AnyCommand {
  return definition as unknown as AnyCommand;
}
