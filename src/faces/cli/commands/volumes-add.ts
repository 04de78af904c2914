/** `holdfast volumes add`: takes a place into the store. */
import { resolve } from "node:path";
import { command } from "../command.ts";
import { given, number, text } from "../options.ts";

export const volumesAdd = command({
  name: "volumes add",
  summary: "take a place into the store as a volume: a folder, a bucket, or a folder in HDFS",
  arguments: [{ name: "URL", help: "new or empty: a path, a file: URL, s3://BUCKET/PREFIX?endpoint=…&region=…, or hdfs://namenode:9870/path" }],
  options: {
    name: text("--name <N>", "name of the volume (default: the last part of the path)"),
    domain: text("--domain <D>", "what can fail at once with it, such as its host (default: the volume alone)"),
    weight: number("--weight <W>", "share of new objects relative to other volumes (default: 1)"),
  },
  needs: "made",
  examples: [
    "holdfast volumes add /mnt/a --name a --domain host1",
    "holdfast volumes add 's3://models/holdfast?endpoint=https://s3.internal:9000' --name cloud",
    'holdfast volumes add "hdfs://nn1:9870,nn2:9870/holdfast?replication=3" --name lake --domain dc1',
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
