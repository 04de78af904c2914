/** The version of the package that this is. */
import { readFile } from "node:fs/promises";

export async function versionOfPackage(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}
