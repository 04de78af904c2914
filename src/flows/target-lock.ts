/** One load at a time writes into a folder. The lock names its process, so that what a killed one left does not keep anybody out. */
import { mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { fault } from "../core/errors.ts";
import { scratchFolder } from "../moves/transfer/index.ts";

export async function lockTarget(folder: string): Promise<AsyncDisposable> {
  await mkdir(join(folder, scratchFolder), { recursive: true });
  const path = join(folder, scratchFolder, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    const file = await open(path, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return undefined;
      throw fault("ACCESS_DENIED", `${folder} cannot be written to`, { cause: error });
    });
    if (file) {
      await file.writeFile(String(process.pid));
      await file.close();
      return { [Symbol.asyncDispose]: () => unlink(path).catch(() => {}) };
    }
    await refuseIfHeld(path, folder);
  }
  throw fault("TARGET_BUSY", `${folder} is being written to by another process`, { advice: "Wait for it to end, or load into another folder." });
}

/** Removes the lock of a process that is no more. */
async function refuseIfHeld(path: string, folder: string): Promise<void> {
  const holder = Number(await readFile(path, "utf8").catch(() => "0"));
  if (holder !== process.pid && isAlive(holder))
    throw fault("TARGET_BUSY", `process ${holder} is loading into ${folder}`, { advice: "Wait for it to end, or load into another folder." });
  if (holder === process.pid) throw fault("TARGET_BUSY", `this process is already loading into ${folder}`);
  await unlink(path).catch(() => {});
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
