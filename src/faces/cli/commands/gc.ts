/** `holdfast gc`: removes what no version needs. */
import { formatBytes } from "../../../core/units.ts";
import { command } from "../command.ts";
import { duration, given, toggle } from "../options.ts";
import { counted, lines } from "../words.ts";

export const gc = command({
  name: "gc",
  summary: "remove what no version needs any more",
  arguments: [],
  options: {
    hold: duration("--hold <time>", "remove what nothing has needed for this long, such as 0s or 24h (default: 24h)"),
    approve: toggle("--approve", "also when it is more than 5 % of the store"),
    dryRun: toggle("--dry-run", "say how much it is and remove nothing"),
  },
  needs: "existing",
  examples: ["holdfast gc --dry-run", "holdfast gc --hold 0s --approve"],
  fields: ["condemned", "removed", "bytes", "kept", "seconds"],
  async run(store, _given, { hold, approve, dryRun }, { signal, watch }) {
    return { dryRun: dryRun ?? false, ...(await watch(store.gc({ ...given({ holdMs: hold, approve, dryRun }), signal }))) };
  },
  render({ dryRun, condemned, removed, bytes, kept }, screen) {
    if (dryRun) return `${counted(condemned, "object")} ${screen.style("dim", `(${formatBytes(bytes)})`)} would go when their hold is over`;
    return lines(
      removed > 0 ? `removed ${screen.style("bold", counted(removed, "object"))}, ${formatBytes(bytes)} freed` : "nothing to remove yet",
      kept > 0 && `${counted(kept, "object waits", "objects wait")} for the end of the hold`,
    );
  },
});
