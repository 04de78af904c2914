/** How large the windows of a load are (docs/decisions/0015). */
import { limits } from "../../core/limits.ts";
import { isOverNetwork } from "../../places/volumes/index.ts";

/** Over a network every window costs requests, whatever its size. `volumes`: all of the store. */
export function windowBytesFor(volumes: readonly { readonly url: string }[]): number {
  return volumes.some(isOverNetwork) ? limits.networkWindowBytes : limits.windowBytes;
}
