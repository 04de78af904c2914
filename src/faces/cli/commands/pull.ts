/** `holdfast pull`: a version, or a part of it, into a folder. */
import { formatBytes, formatSeconds } from "../../../core/units.ts";
import type { RankOptions } from "../../../index.ts";
import { command } from "../command.ts";
import { integer, list, text } from "../options.ts";
import { UsageError } from "../usage.ts";
import { counted, lines, rate, short } from "../words.ts";

export const pull = command({
  name: "pull",
  summary: "write a version, or a part of it, into a folder; run again, it goes on",
  arguments: [
    { name: "MODEL", help: "namespace/name, with @REF for a ref, version or REF~1" },
    { name: "DIR", help: "folder to write into" },
  ],
  options: {
    include: list("--include <glob>", "only these files; may be repeated"),
    exclude: list("--exclude <glob>", "not these files; may be repeated"),
    tensors: list("--tensor <name>", "only these tensors (names or globs), as tensors.safetensors; may be repeated"),
    rank: integer("--rank <r>", "only what this rank of a tensor-parallel group needs, from 0", 0, 65_535),
    size: integer("--tensor-parallel <n>", "ranks in the group", 1, 65_536),
    plan: text("--plan <file>", "how tensors are split, where the rules of the known architectures do not fit"),
  },
  needs: "existing",
  examples: [
    "holdfast pull acme/chat ./copy",
    'holdfast pull acme/chat@v2 ./copy --include "*.json"',
    "holdfast pull acme/chat ./rank1 --rank 1 --tensor-parallel 4",
  ],
  fields: ["version", "files", "bytes", "fetchedBytes", "cachedBytes", "hedgedBytes", "resumedBytes", "repaired", "seconds"],
  async run(store, [model = "", folder = ""], { include, exclude, tensors, rank, size, plan }, { signal, watch }) {
    const share = rankOf(rank, size, plan);
    const pulled = await watch(store.pull(model, folder, { include, exclude, tensors, signal, ...(share && { rank: share }) }));
    return { folder, ...pulled };
  },
  render({ folder, version, files, bytes, fetchedBytes, cachedBytes, hedgedBytes, resumedBytes, repaired, seconds }, screen) {
    return lines(
      `${screen.style("bold", short(version))} is in ${screen.style("bold", folder)}`,
      `${counted(files, "file")}, ${formatBytes(bytes)}; read ${formatBytes(fetchedBytes)} from volumes${cachedBytes > 0 ? `, ${formatBytes(cachedBytes)} from the cache` : ""}${resumedBytes > 0 ? `, ${formatBytes(resumedBytes)} were there already` : ""}`,
      hedgedBytes > 0 && screen.style("dim", `${formatBytes(hedgedBytes)} asked of a second replica, where the first took long`),
      repaired > 0 && screen.style("yellow", `${counted(repaired, "damaged replica")} found on the way and repaired`),
      screen.style("dim", `verified in ${formatSeconds(seconds)}${rate(bytes, seconds)}`),
    );
  },
});

function rankOf(rank: number | undefined, size: number | undefined, plan: string | undefined): RankOptions | undefined {
  if (rank === undefined && size === undefined && plan === undefined) return undefined;
  if (rank === undefined || size === undefined)
    throw new UsageError("--rank and --tensor-parallel go together", "Give both, such as --rank 1 --tensor-parallel 4.");
  return { rank, size, ...(plan !== undefined && { plan }) };
}
