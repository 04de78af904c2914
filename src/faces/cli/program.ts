/** The commands as commander knows them: names, options and help, made from what each command says of itself. */
import { Command as Commander, CommanderError, Option as CommanderOption } from "commander";
import type { AnyCommand, Options } from "./command.ts";
import { integer, size, text, toggle } from "./options.ts";
import { UsageError } from "./usage.ts";

/** For every command, before or behind its name. */
export const globalOptions = {
  store: text("--store <dir>", "folder of the store (default: HOLDFAST_STORE, else ~/.holdfast)"),
  json: toggle("--json", "the last line of standard output is one JSON object"),
  memory: size("--memory <size>", "memory for data, such as 512MiB; at most half of the machine's (default: the store's setting, else 192MiB)"),
  workers: integer("--workers <N>", "threads that work on data (default: the store's setting, else cores + 3, or cores + 1 over a network, at most 16)", 1, 64),
  quiet: toggle("-q, --quiet", "no progress and no notes"),
  verbose: toggle("--verbose", "with an error, also where it came from"),
} as const;

const groups: Readonly<Record<string, string>> = { volumes: "the places that keep the bytes", tensor: "single tensors of a version" };

export type Handler = (command: AnyCommand, given: readonly (string | undefined)[], options: Readonly<Record<string, unknown>>) => Promise<void>;

export interface ProgramOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number | undefined;
}

export function buildProgram(commands: readonly AnyCommand[], version: string, output: ProgramOutput, handle: Handler): Commander {
  const program = base(new Commander("holdfast"), output).description("Keeps AI models and hands them out, bit for bit.");
  program.version(version, "--version", "print the version").usage("COMMAND …");
  addOptions(program, globalOptions);
  for (const command of commands) addCommand(program, command, output, handle);
  return program;
}

function base(commander: Commander, { out, err, columns }: ProgramOutput): Commander {
  return commander
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err, outputError: () => {}, ...(columns !== undefined && { getOutHelpWidth: () => columns }) })
    .configureHelp({ showGlobalOptions: true })
    .helpOption("-h, --help", "print this help")
    .helpCommand(false);
}

function addCommand(program: Commander, command: AnyCommand, output: ProgramOutput, handle: Handler): void {
  const [first = "", second] = command.name.split(" ");
  const parent = second === undefined ? program : groupOf(program, first, output);
  const commander = base(new Commander(second ?? first), output).description(command.summary);
  for (const { name, help, optional } of command.arguments) commander.argument(optional ? `[${name}]` : `<${name}>`, help);
  addOptions(commander, command.options);
  if (command.examples.length > 0) commander.addHelpText("after", `\nExamples:\n${command.examples.map((line) => `  $ ${line}`).join("\n")}`);
  commander.action((...received: unknown[]) => {
    const given = received.slice(0, command.arguments.length) as (string | undefined)[];
    return handle(command, given, { ...emptyLists(command.options), ...commander.optsWithGlobals() });
  });
  parent.addCommand(commander);
}

/** A list that was never given is an empty one. */
function emptyLists(options: Options): Record<string, readonly unknown[]> {
  return Object.fromEntries(Object.entries(options).flatMap(([key, { repeat }]) => (repeat ? [[key, []]] : [])));
}

function groupOf(program: Commander, name: string, output: ProgramOutput): Commander {
  const known = program.commands.find((candidate) => candidate.name() === name);
  if (known) return known;
  const group = base(new Commander(name), output).description(groups[name] ?? name);
  program.addCommand(group);
  return group;
}

/** The value of an option is under the key that its command gives it, whatever the flag is called. */
function addOptions(commander: Commander, options: Options): void {
  for (const [key, { flags, help, parse, repeat }] of Object.entries(options)) {
    const option = new CommanderOption(flags, help);
    option.attributeName = () => key;
    if (repeat && parse) option.argParser((value: string, before: readonly unknown[] = []) => [...before, parse(value)]);
    else if (parse) option.argParser(parse);
    commander.addOption(option);
  }
}

/** What commander refuses, as the same kind of error that options throw; undefined for help and version, which are no errors. */
export function usageErrorOf(error: unknown): UsageError | undefined {
  if (!(error instanceof CommanderError) || error.exitCode === 0) return undefined;
  if (error.code === "commander.help") return new UsageError("a command is missing", "See `holdfast --help`.");
  const [message = "", hint] = error.message.replace(/^error: /, "").split("\n");
  const advice = hint ? hint.replace(/^\(|\)$/g, "") : "See the command with --help.";
  return new UsageError(message, advice);
}
