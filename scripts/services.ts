/**
 * `npm run services [-- VERB …]`: real engines on loopback, for tests and trials. Without a verb it starts all of them.
 * Everything that they are and keep lies under .cache/services of this checkout.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type Engine, type EngineOptions, EngineTrouble, type Say } from "./services/engine.ts";
import { engineNamed, engines, enginesNamed } from "./services/engines.ts";
import { clientOf, down, kill, start, up } from "./services/lifecycle.ts";
import { offers } from "./services/offered.ts";
import { folderOf } from "./services/places.ts";
import { firstPort } from "./services/ports.ts";
import { healthOf, readState } from "./services/state.ts";
import { reportOf, table } from "./services/status.ts";

const usage = `usage: npm run services -- VERB
  up [--ha] [ENGINE…]        start, and install or build what is missing (all engines when none is named)
  down [--wipe] [ENGINE…]    end what was started here; --wipe deletes what it kept
  status [--json] [ENGINE…]  version, state, address and processes of each
  env [ENGINE…]              the lines that a shell needs to run tests against those that are up
  kill ENGINE NODE           end one node as a crash would
  start ENGINE [NODE]        start a node, or all that do not run
  ENGINE CLIENT …            the engine's own client: hdfs fsck /, postgres psql, redis-cluster cli
engines: ${engines.map((engine) => engine.name).join(", ")}`;

const { values, positionals } = parseArgs({
  // Words for an engine's client are the client's, options too.
  args: clientWords() ? [] : process.argv.slice(2),
  allowPositionals: true,
  options: { ha: { type: "boolean" }, wipe: { type: "boolean" }, json: { type: "boolean" } },
});

function clientWords(): readonly string[] | undefined {
  const words = process.argv.slice(2);
  return engineNamed(words[0] ?? "") === undefined ? undefined : words;
}

const sayFor =
  ({ name }: Engine): Say =>
  (text) =>
    console.log(text.replace(/^/gm, `${name}: `));

/** All at once; one that fails does not keep the others from it. */
async function each(chosen: readonly Engine[], work: (engine: Engine, say: Say) => Promise<void>): Promise<number> {
  const outcomes = await Promise.all(
    chosen.map((engine) =>
      work(engine, sayFor(engine)).then(
        () => true,
        (error) => {
          console.error(`${engine.name}: ${textOf(error)}`);
          return false;
        },
      ),
    ),
  );
  return outcomes.every(Boolean) ? 0 : 1;
}

function textOf(error: unknown): string {
  if (error instanceof EngineTrouble) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** An engine that runs keeps its shape when none is asked for. */
function shapeOf({ name }: Engine): EngineOptions {
  const state = readState(folderOf(name));
  const running = healthOf(state).condition === "down" ? undefined : state;
  const asked = process.env.HOLDFAST_SERVICES_PORT ? firstPort() : undefined;
  return { ha: name === "hdfs" && (values.ha ?? running?.ha ?? false), firstPort: asked ?? running?.firstPort ?? firstPort() };
}

function showStatus(chosen: readonly Engine[]): number {
  const reports = chosen.map(reportOf);
  console.log(values.json ? JSON.stringify(reports, undefined, 2) : table(reports));
  return 0;
}

function showEnvironment(chosen: readonly Engine[]): number {
  const wanted = offers().filter(({ engine }) => chosen.some(({ name }) => name === engine));
  const lines = new Map(wanted.flatMap(({ environment }) => Object.entries(environment)));
  for (const [name, value] of lines) console.log(`export ${name}='${value}'`);
  return 0;
}

async function runClient([name = "", ...words]: readonly string[]): Promise<number> {
  const [engine] = enginesNamed([name]);
  const command = await clientOf(engine as Engine, words, console.error);
  const { status, error } = spawnSync(command.file, command.args, { stdio: "inherit", env: { ...process.env, ...command.environment } });
  if (error) throw error;
  return status ?? 1;
}

function one(words: readonly string[]): { engine: Engine; word: string | undefined; say: Say } {
  const [engine] = words[0] === undefined ? [] : enginesNamed([words[0]]);
  if (engine === undefined) throw new EngineTrouble(usage);
  return { engine, word: words[1], say: sayFor(engine) };
}

const verbs: Readonly<Record<string, (words: readonly string[]) => number | Promise<number>>> = {
  up: (words) => each(enginesNamed(words), (engine, say) => up(engine, shapeOf(engine), say)),
  down: (words) => each(enginesNamed(words), (engine, say) => down(engine, { wipe: values.wipe ?? false }, say)),
  status: (words) => showStatus(enginesNamed(words)),
  env: (words) => showEnvironment(enginesNamed(words)),
  async kill(words) {
    const { engine, word, say } = one(words);
    if (word === undefined) throw new EngineTrouble(usage);
    await kill(engine, word, say);
    return 0;
  },
  async start(words) {
    const { engine, word, say } = one(words);
    await start(engine, word, say);
    return 0;
  },
};

async function main(): Promise<number> {
  const words = clientWords();
  if (words !== undefined) return runClient(words);
  const [verb = "up", ...rest] = positionals;
  const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (act === undefined) throw new EngineTrouble(usage);
  return act(rest);
}

// An engine that runs as another user must be able to read what is put there; what it must not read is made with a mode of its own.
process.umask(0o022);
process.exitCode = await main().catch((error) => {
  console.error(textOf(error));
  return 2;
});
