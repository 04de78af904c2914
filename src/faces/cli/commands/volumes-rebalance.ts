/** `holdfast volumes rebalance`: brings replicas to volumes that hold less than their share. */
import { formatBytes } from "../../../core/units.ts";
import { command } from "../command.ts";
import { given, size, toggle } from "../options.ts";
import { counted, lines } from "../words.ts";
import { problemLines } from "./problems.ts";

export const volumesRebalance = command({
  name: "volumes rebalance",
  summary: "after volumes were added: bring replicas there until each volume holds its share; run again, it goes on",
  arguments: [],
  options: {
    bytesMax: size("--max <size>", "end when so many bytes were moved (default: when all is in balance)"),
    dryRun: toggle("--dry-run", "say what would be moved and move nothing"),
  },
  needs: "existing",
  examples: ["holdfast volumes rebalance --dry-run", "holdfast volumes rebalance --max 100GiB"],
  fields: ["checked", "moved", "bytes", "failed", "overBytes", "problems", "seconds"],
  async run(store, _given, { bytesMax, dryRun }, { signal, watch }) {
    const report = await watch(store.volumes.rebalance({ ...given({ bytesMax, dryRun }), signal }));
    return { dryRun: dryRun ?? false, ...report };
  },
  render({ dryRun, checked, moved, bytes, failed, overBytes, problems }, screen) {
    return lines(
      `${counted(checked, "object")} looked at; ${counted(moved, "replica")} ${dryRun ? "would be" : "were"} moved, ${formatBytes(bytes)}`,
      overBytes > 0 && `${formatBytes(overBytes)} lie above the shares of their volumes: run it again, or there is no other failure domain for them`,
      failed > 0 && screen.style("yellow", `${counted(failed, "replica")} could not be moved`),
      problemLines(problems, screen),
    );
  },
  verdict: ({ failed }) => (failed > 0 ? "unreachable" : "done"),
});
