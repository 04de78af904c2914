/** The engines that `npm run services` keeps, asked and broken through its own verbs. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Report } from "../../scripts/services/status.ts";
import { type EngineName, variables } from "../../scripts/services/variables.ts";

const services = fileURLToPath(new URL("../../scripts/services.ts", import.meta.url));
const run = promisify(execFile);

/** One verb, or an engine's client; its standard output. Node warns of SQLite and type stripping on the other one. */
export async function service(...words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ["--conditions=holdfast-source", services, ...words], { maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

export async function reportOf(engine: EngineName): Promise<Report> {
  return (JSON.parse(await service("status", "--json", engine)) as Report[])[0] as Report;
}

/** Every node of an engine ends as by a crash; the function that is answered starts them again. */
export async function killEngine(engine: EngineName): Promise<() => Promise<void>> {
  for (const { name, state } of (await reportOf(engine)).nodes) if (state === "running") await service("kill", engine, name);
  return async () => void (await service("start", engine));
}

/** Their addresses, from the environment. Throws where one is not up. */
export function addressesOf<E extends EngineName>(engines: readonly E[]): Readonly<Record<E, string>> {
  const addresses = engines.map((engine) => [engine, process.env[variables[engine]]] as const);
  for (const [engine, address] of addresses) assert.ok(address, `this needs ${engine}: npm run services -- up ${engine}`);
  return Object.fromEntries(addresses) as Record<E, string>;
}
