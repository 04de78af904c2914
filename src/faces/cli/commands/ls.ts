/** `holdfast ls`: the models of the store, or the refs of one. */
import { formatBytes } from "../../../core/units.ts";
import type { ModelSummary, RefSummary } from "../../../index.ts";
import { command } from "../command.ts";
import type { Screen } from "../screen/screen.ts";
import { tableOf } from "../screen/table.ts";
import { at, short } from "../words.ts";

export const ls = command({
  name: "ls",
  summary: "list the models of the store, or the refs of one",
  arguments: [{ name: "MODEL", help: "namespace/name", optional: true }],
  options: {},
  needs: "existing",
  examples: ["holdfast ls", "holdfast ls acme/chat"],
  fields: ["models"],
  async run(store, [model]) {
    const models = await store.ls(model);
    return model === undefined ? { models } : { models, refs: models[0]?.refs ?? [] };
  },
  render({ models, refs }, screen) {
    if (refs) return refsOf(refs, screen);
    return models.length === 0 ? "no models yet; `holdfast push PATH NAMESPACE/NAME` stores one" : modelsOf(models, screen);
  },
});

function modelsOf(models: readonly ModelSummary[], screen: Screen): string {
  const rows = models.map(({ model, refs }) => ({ model, refs, newest: refs.toSorted((a, b) => b.movedAt - a.movedAt)[0] as RefSummary }));
  return tableOf(
    rows,
    [
      { head: "model", text: ({ model }) => model, style: "bold", shrinks: true },
      { head: "refs", text: ({ refs }) => refs.map(({ ref }) => ref).join(" "), shrinks: true },
      { head: "size", text: ({ newest }) => formatBytes(newest.bytes), align: "right" },
      { head: "files", text: ({ newest }) => String(newest.files), align: "right", dispensable: 2 },
      { head: "changed", text: ({ newest }) => at(newest.movedAt), style: "dim", dispensable: 1 },
    ],
    screen,
  );
}

function refsOf(refs: readonly RefSummary[], screen: Screen): string {
  return tableOf(
    refs,
    [
      { head: "ref", text: ({ ref }) => ref, style: "bold", shrinks: true },
      { head: "version", text: ({ version }) => short(version) },
      { head: "size", text: ({ bytes }) => formatBytes(bytes), align: "right" },
      { head: "files", text: ({ files }) => String(files), align: "right", dispensable: 2 },
      { head: "moved", text: ({ movedAt }) => at(movedAt), style: "dim", dispensable: 1 },
    ],
    screen,
  );
}
