/** `holdfast volumes list`: what the volumes hold, and whether they answer. */
import { formatBytes } from "../../../core/units.ts";
import { command } from "../command.ts";
import { printable } from "../screen/screen.ts";
import { tableOf } from "../screen/table.ts";
import { lines } from "../words.ts";

export const volumesList = command({
  name: "volumes list",
  summary: "list the volumes, what they hold and whether they answer",
  arguments: [],
  options: {},
  needs: "existing",
  examples: ["holdfast volumes list"],
  fields: ["volumes"],
  async run(store) {
    const volumes = await store.volumes.list();
    return { volumes: volumes.map((volume) => ({ ...volume, problem: volume.problem ?? null })) };
  },
  render({ volumes }, screen) {
    const fullest = volumes.reduce((max, { bytes }) => Math.max(max, bytes), 1);
    const table = tableOf(
      volumes,
      [
        { head: "volume", text: ({ name }) => name, style: "bold", shrinks: true },
        { head: "state", text: ({ state, reachable }) => (reachable ? state : "away") },
        { head: "holds", text: ({ bytes }) => formatBytes(bytes), align: "right" },
        { head: "", text: () => "", bar: ({ bytes }) => bytes / fullest, dispensable: 4 },
        { head: "objects", text: ({ objects }) => String(objects), align: "right", dispensable: 3 },
        { head: "domain", text: ({ domain }) => domain, shrinks: true, dispensable: 1 },
        { head: "where", text: ({ url }) => url, style: "dim", shrinks: true, dispensable: 2 },
      ],
      screen,
    );
    const problems = volumes.flatMap(({ name, problem }) => (problem === null ? [] : [screen.style("yellow", `${name} is away: ${printable(problem)}`)]));
    return lines(volumes.length === 0 ? "no volumes yet; the first push makes one, or `holdfast volumes add`" : table, ...problems);
  },
});
