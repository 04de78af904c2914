/** Whether something lies at a path. That it is not there is an answer; that nobody may look is not. */
import { stat } from "node:fs/promises";
import { fault } from "../core/errors.ts";

/** Throws ACCESS_DENIED where it cannot be told. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw fault("ACCESS_DENIED", `${path} cannot be looked at`, { cause: error });
  }
}
