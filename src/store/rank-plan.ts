/** What a rank wants, with the plan file read. */
import { readFile, stat } from "node:fs/promises";
import { parsePlan } from "../bytes/parallel/index.ts";
import { fault } from "../core/errors.ts";
import { MiB } from "../core/units.ts";
import type { Wish } from "../flows/load.ts";
import type { RankOptions } from "./options.ts";

const planBytesMax = 1 * MiB;
const ranksMax = 65_536;

/** Throws ARGUMENT_INVALID, PLAN_INVALID, FILE_MISSING. */
export async function readRankWish({ rank, size, plan }: RankOptions): Promise<NonNullable<Wish["rank"]>> {
  if (!Number.isInteger(size) || size < 1 || size > ranksMax) throw fault("ARGUMENT_INVALID", `a group of ${size} ranks`);
  if (!Number.isInteger(rank) || rank < 0 || rank >= size)
    throw fault("ARGUMENT_INVALID", `rank ${rank} of ${size}`, { advice: `Ranks count from 0 to ${size - 1}.` });
  return { rank, size, plan: plan === undefined ? undefined : parsePlan(await textOf(plan), plan) };
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > planBytesMax) throw fault("PLAN_INVALID", `${path} has more than ${planBytesMax} bytes`);
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw fault("FILE_MISSING", `there is no plan at ${path}`, { cause: error });
  }
}
