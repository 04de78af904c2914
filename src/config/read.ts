/** Reading `holdfast.yaml`. The parser and the schema are loaded only where there is a file: most stores have none, and starting is fast. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { MiB } from "../core/units.ts";
import type { Config } from "./schema.ts";

export type { Config } from "./schema.ts";

const settingsFile = "holdfast.yaml";
const fileBytesMax = 1 * MiB;

/** What holds without a file; a test compares it with the schema's own. */
export const defaultConfig: Config = { catalog: "sqlite:catalog.sqlite", replicas: 1, volumes: [], coordinate: "embedded", memory: limits.arenaBytes };

/** The settings of the store in a folder. Throws CONFIG_INVALID with the line, STORE_UNSUPPORTED for what only later versions can do. */
export async function readConfig(folder: string): Promise<Config> {
  const path = join(folder, settingsFile);
  const text = await textOf(path);
  if (text === undefined) return defaultConfig;
  const { checkConfig } = await import("./check.ts");
  return checkConfig(text, path);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, "utf8");
    if (text.length > fileBytesMax) throw fault("CONFIG_INVALID", `${path} has more than ${fileBytesMax} bytes`);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES" || code === "EPERM") throw fault("ACCESS_DENIED", `${path} may not be read`, { cause: error });
    if (code === "EISDIR") throw fault("CONFIG_INVALID", `${path} is a folder`, { cause: error });
    throw error;
  }
}
