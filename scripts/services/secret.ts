/** Passwords of engines: drawn once per checkout, so that none stands in the sources. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderOf } from "./places.ts";

/** The same on every call for this engine, until its folder is wiped. */
export function secretOf(engine: string): string {
  const path = join(folderOf(engine), "secret");
  mkdirSync(folderOf(engine), { recursive: true });
  try {
    writeFileSync(path, randomBytes(16).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(path, "utf8");
}
