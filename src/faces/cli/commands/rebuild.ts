/** `holdfast rebuild`: a new catalog from the volumes alone. */
import { resolve } from "node:path";
import { formatBytes, formatSeconds } from "../../../core/units.ts";
import { rebuildStore } from "../../../index.ts";
import { command } from "../command.ts";
import { given, list, toggle } from "../options.ts";
import { counted, lines } from "../words.ts";

export const rebuild = command({
  name: "rebuild",
  summary: "make a new catalog from the volumes alone; the old one is kept beside it",
  arguments: [],
  options: {
    volumes: list("--volume <url>", "also this volume, where neither settings nor store name it; may be repeated"),
    allowMissing: toggle("--allow-missing", "go on without volumes that are not there"),
  },
  needs: "place",
  examples: ["holdfast rebuild", "holdfast rebuild --volume /mnt/a --volume /mnt/b"],
  fields: ["volumes", "missingVolumes", "objects", "bytes", "chunks", "versions", "refs", "damaged", "lostVersions", "lostLogLines", "kept", "seconds"],
  async run(place, _given, { volumes, allowMissing }, { signal, watch }) {
    const urls = volumes.map((url) => (/^[a-z][a-z0-9+.-]+:/i.test(url) ? url : resolve(url)));
    const report = await watch(rebuildStore({ ...place, ...given({ allowMissing }), volumes: urls, signal }));
    return { ...report, kept: report.kept ?? null };
  },
  render({ volumes, missingVolumes, objects, bytes, versions, refs, damaged, lostVersions, lostLogLines, kept, seconds }, screen) {
    return lines(
      `a new catalog from ${counted(volumes, "volume")}: ${counted(refs, "ref")}, ${counted(versions, "version")}, ${counted(objects, "object")}, ${formatBytes(bytes)}`,
      missingVolumes.length > 0 && screen.style("yellow", `not there: ${missingVolumes.join(", ")}`),
      damaged > 0 && screen.style("yellow", `${counted(damaged, "object is", "objects are")} damaged on every volume`),
      lostVersions > 0 && screen.style("red", `${counted(lostVersions, "version is", "versions are")} not whole`),
      lostLogLines > 0 && screen.style("yellow", `${counted(lostLogLines, "move of a ref is", "moves of refs are")} lost`),
      kept !== null && screen.style("dim", `the old one is kept as ${kept}`),
      screen.style("dim", formatSeconds(seconds)),
    );
  },
  verdict: ({ lostVersions }) => (lostVersions > 0 ? "corrupt" : "done"),
});
