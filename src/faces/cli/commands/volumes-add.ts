/** `holdfast volumes add`: takes a place into the store. */
import { resolve } from "node:path";
import { command } from "../command.ts";
import { given, number, text } from "../options.ts";

export const volumesAdd = command({
  name: "volumes add",
  summary: "take a folder or a bucket into the store as a volume; a plain path is a local volume",
  arguments: [{ name: "URL", help: "a new or empty folder, a file: URL, or s3://BUCKET/PREFIX?endpoint=…&region=…" }],
  options: {
    name: text("--name <N>", "name of the volume (default: the last part of the path)"),
    domain: text("--domain <D>", "what can fail at once with it, such as its host (default: the volume alone)"),
    weight: number("--weight <W>", "share of new objects relative to other volumes (default: 1)"),
  },
  needs: "made",
  examples: [
    "holdfast volumes add /mnt/a --name a --domain host1",
    "holdfast volumes add 's3://models/holdfast?endpoint=https://s3.internal:9000' --name cloud",
  ],
  fields: ["name", "url", "domain", "weight"],
  async run(store, [url = ""], options) {
    // A path is meant from where the command was given, whatever folder the store is in.
    return store.volumes.add(/^[a-z][a-z0-9+.-]+:/i.test(url) ? url : resolve(url), given(options));
  },
  render({ name, url, domain, weight }, screen) {
    return `volume ${screen.style("bold", name)} is ${url} ${screen.style("dim", `(domain ${domain}, weight ${weight})`)}`;
  },
});
