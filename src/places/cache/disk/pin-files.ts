/** Pinned versions of a disk tier, each a file that lists its chunks, so that every process that uses the folder spares them. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CacheKey } from "../key.ts";
import type { Pin, PinName } from "../tier.ts";
import { keyOfPath, pinFile, pinOfFile, pinsFolder, temporaryFolder } from "./layout.ts";

/** One line for each chunk: key, encoding, raw and stored bytes. `unique` names the file while it is written. */
export async function writePin(folder: string, pin: Pin, unique: string): Promise<void> {
  const text = pin.chunks.map(({ key, form }) => `${key} ${form.encoding} ${form.rawBytes} ${form.storedBytes}\n`).join("");
  const temporary = join(folder, temporaryFolder, unique);
  await mkdir(join(folder, pinsFolder), { recursive: true });
  await mkdir(join(folder, temporaryFolder), { recursive: true });
  await writeFile(temporary, text);
  await rename(temporary, pinFile(folder, pin));
}

export async function removePin(folder: string, name: PinName): Promise<void> {
  await rm(pinFile(folder, name), { force: true });
}

/** A file that is no list of chunks is passed over: what it held is evicted like anything else. */
export async function readPins(folder: string): Promise<Pin[]> {
  const names = await readdir(join(folder, pinsFolder)).catch(() => []);
  const pins = await Promise.all(names.map((name) => readPin(folder, name)));
  return pins.filter((pin) => pin !== undefined);
}

async function readPin(folder: string, file: string): Promise<Pin | undefined> {
  const name = pinOfFile(file);
  const text = name && (await readFile(join(folder, pinsFolder, file), "utf8").catch(() => undefined));
  if (!name || text === undefined) return undefined;
  const chunks = text.split("\n").slice(0, -1).map(chunkOf);
  return chunks.every((chunk) => chunk !== undefined) ? { ...name, chunks } : undefined;
}

function chunkOf(line: string): Pin["chunks"][number] | undefined {
  const [, key = "", encoding, rawBytes, storedBytes] = /^(\S+) (\d{1,3}) (\d{1,10}) (\d{1,10})$/.exec(line) ?? [];
  const [domain = "", hex = ""] = key.split("/");
  if (keyOfPath(`${domain}/${hex.slice(0, 2)}/${hex.slice(2)}`) !== key) return undefined;
  return { key: key as CacheKey, form: { encoding: Number(encoding), rawBytes: Number(rawBytes), storedBytes: Number(storedBytes) } };
}
