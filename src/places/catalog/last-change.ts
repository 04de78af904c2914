import type { Catalog } from "./catalog.ts";

/** The number of the newest entry of the ref log; 0 where there is none. Numbers have no gaps, so a few looks find it. */
export async function lastChange(catalog: Pick<Catalog, "changes">): Promise<number> {
  const isThere = async (sequence: number): Promise<boolean> => (await catalog.changes(sequence - 1, 1)).length > 0;
  let high = 1;
  while (await isThere(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isThere(middle)) low = middle;
    else high = middle;
  }
  return low;
}
