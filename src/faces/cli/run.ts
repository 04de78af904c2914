/** One line of the command from its words to its exit code. */
import { open, type StoreOptions } from "../../index.ts";
import type { AnyCommand, Session } from "./command.ts";
import { commands } from "./commands/index.ts";
import { confirm } from "./confirm.ts";
import { exitCodes } from "./exit-code.ts";
import { failureOf, trailOf } from "./failure.ts";
import { given } from "./options.ts";
import { buildProgram, usageErrorOf } from "./program.ts";
import { watch } from "./screen/progress.ts";
import { Screen, type Place as Terminal } from "./screen/screen.ts";
import { versionOfPackage } from "./version.ts";

/** Where a line is run. */
export interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Terminal & { write(text: string): unknown };
  readonly stderr: Terminal & NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

interface Globals {
  readonly store?: string;
  readonly json?: boolean;
  readonly memory?: number;
  readonly workers?: number;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Returns the exit code. Results go to standard output, everything else to standard error. */
export async function runCommandLine(words: readonly string[], place: Place): Promise<number> {
  const { stdout, stderr } = place;
  let exitCode: number = exitCodes.done;
  const output = { out: (text: string) => void stdout.write(text), err: (text: string) => void stderr.write(text), columns: stdout.columns };
  const program = buildProgram(commands, await versionOfPackage(), output, async (command, arguments_, options) => {
    exitCode = await runCommand(command, arguments_, options, place);
  });
  try {
    await program.parseAsync([...words], { from: "user" });
    return exitCode;
  } catch (error) {
    const usage = usageErrorOf(error);
    if (!usage && (error as { exitCode?: unknown }).exitCode === 0) return exitCodes.done;
    return fail(usage ?? error, { json: words.includes("--json"), verbose: words.includes("--verbose") }, place);
  }
}

async function runCommand(
  command: AnyCommand,
  words: readonly (string | undefined)[],
  options: Globals & Record<string, unknown>,
  place: Place,
): Promise<number> {
  const session = sessionOf(options, place);
  const { env } = place;
  const where = given({
    store: options.store ?? (env.HOLDFAST_STORE || undefined),
    memory: options.memory,
    workers: options.workers,
    env,
    standingCache: false,
  });
  const result = await resultOf(command, words, options, session, where, (text) => !options.quiet && place.stderr.write(text));
  const text = options.json ? jsonOf(result) : command.render(result as never, new Screen(place.stdout, place.env));
  if (text !== "") place.stdout.write(`${text}\n`);
  return exitCodes[command.verdict?.(result as never) ?? "done"];
}

async function resultOf(
  command: AnyCommand,
  words: readonly (string | undefined)[],
  options: object,
  session: Session,
  where: StoreOptions,
  note: (text: string) => unknown,
): Promise<object> {
  if ((command.needs as string) === "place") return command.run(where as never, words, options as never, session);
  await using store = await open({ ...where, create: (command.needs as string) === "made" });
  for (const warning of store.warnings) note(`note: ${warning}\n`);
  return await command.run(store as never, words, options as never, session);
}

function sessionOf({ quiet = false, json = false }: Globals, { stdin, stdout, stderr, env, signal }: Place): Session {
  const screen = new Screen(stderr, env);
  const page = new Screen(stdout, env);
  return {
    signal,
    tell: (item, line) => void stdout.write(`${json ? jsonOf(item) : line(page)}\n`),
    watch: async (task) => (quiet ? await task : await watch(task, stderr, screen)),
    confirm: (question, advice) => confirm(question, advice, { stdin, stderr, signal }),
  };
}

function jsonOf(value: object): string {
  return JSON.stringify(value);
}

function fail(error: unknown, { json, verbose }: { readonly json: boolean; readonly verbose: boolean }, { stdout, stderr, env }: Place): number {
  const { exitCode, ...failure } = failureOf(error);
  const screen = new Screen(stderr, env);
  stderr.write(`${screen.style("red", "error:")} ${failure.message}\n`);
  if (failure.advice) stderr.write(`${failure.advice}\n`);
  if (verbose || exitCode === exitCodes.bug) stderr.write(`${screen.style("dim", trailOf(error))}\n`);
  if (json) stdout.write(`${jsonOf({ error: { ...failure, advice: failure.advice ?? null } })}\n`);
  return exitCode;
}
