/** `holdfast rm`: removes a ref, or a model with all its refs. Bytes go with the next `gc`. */
import { command } from "../command.ts";
import { toggle } from "../options.ts";
import { UsageError } from "../usage.ts";
import { lines, short } from "../words.ts";

export const rm = command({
  name: "rm",
  summary: "remove a ref, or a model with all its refs; `gc` then frees the space",
  arguments: [{ name: "MODEL", help: "namespace/name for all refs, with @REF for one" }],
  options: { yes: toggle("-y, --yes", "do not ask") },
  needs: "existing",
  examples: ["holdfast rm acme/chat@old", "holdfast rm acme/chat --yes"],
  fields: ["refs"],
  async run(store, [model = ""], { yes = false }, { signal, confirm }) {
    if (!yes && !(await confirm(`Remove ${model.includes("@") ? model : `${model} with all its refs`}?`, "Give --yes to remove without being asked.")))
      throw new UsageError("nothing was removed", "Answer y, or give --yes.");
    const { refs } = await store.remove(model, { signal });
    return { model, refs };
  },
  render({ model, refs }, screen) {
    return lines(
      ...refs.map(({ ref, version }) => `removed ${screen.style("bold", `${model.split("@")[0]}@${ref}`)} ${screen.style("dim", `(was ${short(version)})`)}`),
    );
  },
});
