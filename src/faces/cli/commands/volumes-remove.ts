/** `holdfast volumes remove`: the store forgets an empty volume. */
import { command } from "../command.ts";

export const volumesRemove = command({
  name: "volumes remove",
  summary: "forget a volume that was drained",
  arguments: [{ name: "NAME", help: "name of the volume" }],
  options: {},
  needs: "existing",
  examples: ["holdfast volumes remove a"],
  fields: ["name"],
  run: (store, [name = ""]) => store.volumes.remove(name),
  render: ({ name }, screen) => `volume ${screen.style("bold", name)} is no part of the store any more`,
});
