/** `holdfast tag`: points a ref at a version. */
import { command } from "../command.ts";
import { short } from "../words.ts";

export const tag = command({
  name: "tag",
  summary: "point a ref at a version",
  arguments: [
    { name: "MODEL", help: "namespace/name, with @REF for another version than main" },
    { name: "NAME", help: "the ref, made or moved" },
  ],
  options: {},
  needs: "existing",
  examples: ["holdfast tag acme/chat prod", "holdfast tag acme/chat@4f2a91c0 prod"],
  fields: ["ref", "version", "previous", "refs"],
  async run(store, [model = "", name = ""], _options, { signal }) {
    const { ref, version, previous } = await store.tag(model, name, { signal });
    return { ref, version, previous: previous ?? null, refs: [{ ref, version }] };
  },
  render({ ref, version, previous }, screen) {
    const before = previous === null ? "new" : previous === version ? "as before" : `was ${short(previous)}`;
    return `${screen.style("bold", ref)} is ${screen.style("bold", short(version))} ${screen.style("dim", `(${before})`)}`;
  },
});
