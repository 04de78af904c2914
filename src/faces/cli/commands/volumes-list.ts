/** `holdfast volumes list`: what the volumes hold, how full their places are, whether they answer and how quickly. */
import { formatBytes } from "../../../core/units.ts";
import type { VolumeSummary } from "../../../index.ts";
import { command } from "../command.ts";
import { printable } from "../screen/screen.ts";
import { tableOf } from "../screen/table.ts";
import { at, lines, percent } from "../words.ts";

export const volumesList = command({
  name: "volumes list",
  summary: "list the volumes: what they hold, how full their places are, whether they answer and how quickly",
  arguments: [],
  options: {},
  needs: "existing",
  examples: ["holdfast volumes list"],
  fields: ["volumes"],
  async run(store, _given, _options, { signal }) {
    const volumes = await store.volumes.list({ signal });
    return { volumes: volumes.map(withNulls) };
  },
  render({ volumes }, screen) {
    const fullest = volumes.reduce((max, { bytes }) => Math.max(max, bytes), 1);
    const table = tableOf(
      volumes,
      [
        { head: "volume", text: ({ name }) => name, style: "bold", shrinks: true },
        { head: "state", text: stateOf },
        { head: "holds", text: ({ bytes }) => formatBytes(bytes), align: "right" },
        { head: "", text: () => "", bar: ({ bytes }) => bytes / fullest, dispensable: 6 },
        { head: "objects", text: ({ objects }) => String(objects), align: "right", dispensable: 5 },
        { head: "place full", text: fullOf, align: "right", dispensable: 3 },
        { head: "free", text: ({ space }) => (space ? formatBytes(space.freeBytes) : ""), align: "right", dispensable: 3 },
        { head: "read p50", text: ({ latency }) => milliseconds(latency?.p50Ms), align: "right", dispensable: 4 },
        { head: "p95", text: ({ latency }) => milliseconds(latency?.p95Ms), align: "right", dispensable: 4 },
        { head: "domain", text: ({ domain }) => domain, shrinks: true, dispensable: 1 },
        { head: "where", text: ({ url }) => url, style: "dim", shrinks: true, dispensable: 2 },
      ],
      screen,
    );
    const notes = volumes.flatMap((volume) => notesOn(volume).map((note) => screen.style("yellow", printable(note))));
    return lines(volumes.length === 0 ? "no volumes yet; the first push makes one, or `holdfast volumes add`" : table, ...notes);
  },
});

/** As JSON has it. */
function withNulls(volume: VolumeSummary) {
  const { problem = null, lastFailure = null, space = null, latency = null, ...rest } = volume;
  return { ...rest, problem, lastFailure, space, latency };
}

type Listed = ReturnType<typeof withNulls>;

function stateOf({ state, reachable }: Listed): string {
  return reachable ? state : "away";
}

function fullOf({ space }: Listed): string {
  return space && space.capacityBytes > 0 ? percent(1 - space.freeBytes / space.capacityBytes) : "";
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? "" : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function notesOn({ name, problem, breaker, lastFailure }: Listed): string[] {
  const resting = [breaker.reads === "open" && "reads", breaker.writes === "open" && "writes"].filter((kind) => kind !== false);
  return [
    ...(problem === null ? [] : [`${name} is away: ${problem}`]),
    ...(resting.length === 0 ? [] : [`${name} is left alone for now: no ${resting.join(" and ")}`]),
    ...(lastFailure === null || lastFailure.message === problem ? [] : [`${name} last failed at ${at(lastFailure.at)}: ${lastFailure.message}`]),
  ];
}
