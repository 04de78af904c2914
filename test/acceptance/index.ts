/**
 * What the product must show, each a check that anyone can run: `npm run acceptance -- NN`. They drive the command in temporary folders;
 * figures of speed are bench's. `npm test` runs each of them small (test/e2e).
 */
import { roundTrip } from "./02-round-trip.ts";
import type { Show } from "./place.ts";

/** By number, in order. */
export const shows: ReadonlyMap<string, Show> = new Map<string, Show>([["02", roundTrip as Show]]);
