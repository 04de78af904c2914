/** For an engine that refuses root: another user to be, and a folder that this user can reach. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EngineTrouble, type User } from "./engine.ts";
import { folderOf, root } from "./places.ts";

/** Undefined when we are not root and can be ourselves. */
export function otherUser(...names: readonly string[]): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of names) {
    const [, , uid, gid] = known.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EngineTrouble(`it refuses root, and none of the users ${names.join(", ")} is here to run it as`);
}

/** The engine's folder, its user's own. It lies in the folder for temporary files where the checkout lies below a folder of root's alone. */
export function homeFor(engine: string, user: User | undefined): string {
  const usual = join(folderOf(engine), "home");
  mkdirSync(dirname(usual), { recursive: true });
  if (user === undefined || canReach(dirname(usual), user)) return owned(usual, user);
  const checkout = createHash("sha256").update(root).digest("hex").slice(0, 12);
  return owned(join(tmpdir(), `holdfast-${engine}-${checkout}`), user);
}

function canReach(folder: string, user: User): boolean {
  return spawnSync("test", ["-x", folder], user).status === 0;
}

function owned(folder: string, user: User | undefined): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user === undefined) return folder;
  // In a folder that anybody may write to, the name may be a trap: it must be a folder, and root's or the user's.
  const { uid } = lstatSync(folder);
  if (!lstatSync(folder).isDirectory() || (uid !== 0 && uid !== user.uid)) throw new EngineTrouble(`${folder} belongs to somebody else; remove it`);
  chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  return folder;
}
