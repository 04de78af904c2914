// The floors and modules of src/, and who may use whom: the one statement of it. `.dependency-cruiser.mjs` checks it,
// test/tidy checks what an import cannot show, and ARCHITECTURE.md says why.
//
// A module imports from every module on a lower floor, and on its own floor only from those under `uses`.
// It is entered through its `index.ts`. Where it has a seam, the files of the seam may be imported too: they hold types and
// rules that need no driver, so that a wrapper or a test does not load the registry with all that the registry can open.

/**
 * @typedef {object} Module
 * @property {string} [about] What it is for, where the folder does not say it.
 * @property {readonly string[]} [uses] Modules of the same floor that it may import.
 * @property {readonly string[]} [seam] Files that may be imported from outside beside index.ts.
 * @property {string} [drivers] A folder in it whose folders are drivers: they never import each other. "." is the module itself.
 */

/** @type {readonly { readonly floor: string, readonly modules: Readonly<Record<string, Module>> }[]} */
export const floors = [
  // Words and pure rules: each file of core is small, stands alone and is its own way in.
  { floor: "core", modules: { core: { seam: ["*"] } } },
  {
    floor: "bytes",
    modules: {
      "bytes/digests": {},
      "bytes/kernels": {},
      "bytes/formats": { seam: ["format.ts"], drivers: "." },
      "bytes/chunking": { uses: ["bytes/digests", "bytes/formats"] },
      "bytes/codecs": { uses: ["bytes/kernels"], seam: ["codec.ts"], drivers: "." },
      "bytes/shards": { uses: ["bytes/digests"], seam: ["strategies/strategy.ts"] },
      "bytes/parallel": {},
    },
  },
  // The arena and the data workers. Above bytes, whose work the workers do; below places, whose local driver gives them its disk work (docs/decisions/0001).
  { floor: "machine", modules: { machine: {} } },
  {
    floor: "places",
    modules: {
      "places/volumes": { seam: ["volume.ts", "keys.ts"], drivers: "." },
      "places/catalog": { uses: ["places/volumes"], seam: ["catalog.ts"], drivers: "." },
    },
  },
  {
    floor: "moves",
    modules: {
      "moves/placement": {},
      "moves/transfer": {},
      "moves/versions": {},
    },
  },
  { floor: "flows", modules: { flows: {} } },
  // The library: what `import … from "holdfast"` gives. The faces are built on it as anyone else's program is.
  { floor: "library", modules: { "index.ts": {} } },
  { floor: "faces", modules: { "faces/cli": {} } },
];

/** Folders of a module that hold something other than a driver. */
export const notDrivers = ["wrap", "strategies", "tables"];

/**
 * Who may call `Volume.remove`: every other way to delete bytes would go around the two-phase protocol of the collector.
 * The volumes themselves are on the list because a wrapper passes the call on.
 */
export const volumeRemovers = ["src/places/volumes/", "src/flows/collect", "src/moves/placement/drain"];

/** Node's own modules that a floor must not touch: bytes are bytes in, bytes out. */
export const pureFloors = ["core", "bytes"];
