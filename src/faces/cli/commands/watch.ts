/** `holdfast watch`: moves of refs, as they come. */
import type { SeenMove } from "../../../index.ts";
import { command } from "../command.ts";
import { integer } from "../options.ts";
import type { Screen } from "../screen/screen.ts";
import { counted, short } from "../words.ts";

export const watch = command({
  name: "watch",
  summary: "tell of every ref that moves, as it moves, until it is interrupted",
  arguments: [{ name: "MODEL", help: "namespace/name, with @REF for one ref (default: all models)", optional: true }],
  options: {
    after: integer("--after <N>", "begin behind the move of this number, instead of with what comes now", 0, 2_000_000_000),
    limit: integer("-n, --limit <N>", "end after so many", 1, 2_000_000_000),
  },
  needs: "existing",
  examples: ["holdfast watch acme/chat@prod", "holdfast watch --json"],
  fields: ["moves", "sequence"],
  async run(store, [model], { after, limit = Number.POSITIVE_INFINITY }, { signal, tell }) {
    let moves = 0;
    let sequence = after ?? null;
    try {
      for await (const move of store.watch(model, { signal, ...(after !== undefined && { after }) })) {
        tell({ ...move, version: move.version ?? null, previous: move.previous ?? null }, (screen) => lineOf(move, screen));
        sequence = move.sequence;
        if (++moves >= limit) break;
      }
    } catch (error) {
      // To be interrupted is how it ends.
      if (!signal.aborted) throw error;
    }
    return { moves, sequence };
  },
  render: ({ moves, sequence }, screen) =>
    screen.style("dim", `${counted(moves, "move")} seen${sequence === null ? "" : `; --after ${sequence} goes on here`}`),
});

function lineOf({ model, ref, version, previous, at }: SeenMove, screen: Screen): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  const what = version === undefined ? "is gone" : `is ${short(version)}`;
  const before = previous === undefined ? "new" : `was ${short(previous)}`;
  return `${screen.style("dim", time)} ${screen.style("bold", `${model}@${ref}`)} ${what} ${screen.style("dim", `(${before})`)}`;
}
