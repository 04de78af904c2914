/** Several states of one small model, for versions that come and go: most bytes are the same in all, some are each one's own. */
import { join } from "node:path";
import { type Digests, digestsOf } from "../trees.ts";
import { redrawRows } from "./edits.ts";
import { makeModel } from "./model.ts";

export interface Variant {
  readonly folder: string;
  readonly digests: Digests;
  readonly bytes: number;
}

export async function makeVariants(folder: string, count: number, bytes: number): Promise<Variant[]> {
  const variants: Variant[] = [];
  for (let index = 0; index < count; index++) {
    const own = join(folder, `variant-${index}`);
    const model = await makeModel(own, { bytes, parts: 2, seed: 9 });
    if (index > 0) await redrawRows(own, model, 0.2, index);
    variants.push({ folder: own, digests: await digestsOf(own), bytes: model.bytes });
  }
  return variants;
}
