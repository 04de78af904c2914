// The floors and modules of src/, and who may use whom: the one statement of it. `.dependency-cruiser.mjs` checks it,
// test/tidy checks what an import cannot show, and ARCHITECTURE.md says why.
//
// A module imports from every module on a lower floor, and on its own floor only from those under `uses`. It is entered
// through its doors. Where it has a seam, the files of the seam are doors too: they hold types and rules that need no
// driver, so that a wrapper or a test does not load the registry with all that the registry can open.

/**
 * @typedef {object} Module
 * @property {readonly string[]} [uses] Modules of the same floor that it may import.
 * @property {readonly string[]} [doors] Files that may be imported from outside: ["index.ts"] if nothing is said, ["*"] for all.
 * @property {readonly string[]} [seam] More such files: the interface that its drivers implement.
 * @property {boolean} [drivers] Whether its folders are drivers, which never import each other.
 */

const everyFile = ["*"];
const engine = ["moves/volume-set.ts", "moves/engine.ts", "moves/volume-facts.ts"];

/** @type {readonly { readonly floor: string, readonly modules: Readonly<Record<string, Module>> }[]} */
export const floors = [
  // Words and pure rules: each file of core is small, stands alone and is its own way in.
  { floor: "core", modules: { core: { doors: everyFile } } },
  {
    floor: "bytes",
    modules: {
      "bytes/digests": {},
      "bytes/kernels": {},
      "bytes/formats": { seam: ["format.ts"], drivers: true },
      "bytes/chunking": {},
      "bytes/codecs": { uses: ["bytes/kernels"], seam: ["codec.ts"] },
      "bytes/shards": { uses: ["bytes/digests"], doors: ["index.ts", "strategies/index.ts"] },
      "bytes/parallel": {},
    },
  },
  // Above bytes, whose work the workers do; below places, whose local driver gives them its disk work (docs/decisions/0001).
  // Instruments that are used apart: memory, workers, disk, the mark of a process, headers, bulk HTTP. One door for all would start a thread pool's code to cut a view.
  {
    floor: "machine",
    modules: {
      machine: {
        doors: [
          "arena.ts",
          "memory-map.ts",
          "span.ts",
          "pool.ts",
          "jobs.ts",
          "disk.ts",
          "pooled-disk.ts",
          "file-io.ts",
          "process-mark.ts",
          "is-there.ts",
          "checksums.ts",
          "headers/index.ts",
          "bulk-http/index.ts",
          "resp/index.ts",
          "redis/index.ts",
        ],
      },
    },
  },
  {
    floor: "places",
    modules: {
      "places/volumes": { seam: ["volume.ts", "keys.ts"], drivers: true },
      "places/cache": { seam: ["tier.ts", "policy.ts"], drivers: true },
      "places/catalog": { uses: ["places/volumes"], seam: ["catalog.ts", "catalog-driver.ts"], drivers: true },
      "places/coordinate": { uses: ["places/catalog"], seam: ["coordinator.ts", "locks.ts", "counters.ts", "events.ts"], drivers: true },
    },
  },
  {
    floor: "moves",
    modules: {
      // Facts in, decisions out: placement knows nobody and waits for nothing.
      "moves/placement": {},
      // What the moving parts work with; everything else of the floor is handed one.
      "moves/volume-set.ts": {},
      "moves/engine.ts": { uses: ["moves/volume-set.ts"] },
      "moves/volume-facts.ts": { uses: ["moves/engine.ts", "moves/placement"] },
      "moves/transfer": { uses: engine },
      "moves/replicate": { uses: [...engine, "moves/placement", "moves/transfer"] },
      "moves/select": { uses: [...engine, "moves/transfer"] },
      "moves/ingest": { uses: [...engine, "moves/placement", "moves/transfer", "moves/replicate"] },
      "moves/versions": { uses: [...engine, "moves/placement", "moves/transfer", "moves/replicate"] },
      "moves/upkeep": { uses: [...engine, "moves/placement", "moves/transfer", "moves/replicate", "moves/versions"] },
    },
  },
  // One story per file, and each file is its own way in.
  { floor: "flows", modules: { flows: { doors: everyFile } } },
  // The library: the settings file, the composition of a store, and what `import … from "holdfast"` gives. The faces are built on it as
  // anyone else's program is.
  { floor: "library", modules: { config: {}, store: { uses: ["config"] }, "index.ts": { uses: ["config", "store"] } } },
  { floor: "faces", modules: { "faces/cli": {} } },
];

/** Folders of a module with drivers that hold something else. */
export const notDrivers = ["wrap", "zip", "policies"];

/** @param {Module} module */
export function doorsOf({ doors = ["index.ts"], seam = [] }) {
  return [...doors, ...seam];
}

/**
 * Who may call `Volume.remove`: the collector, after its two phases, and whoever makes one replica new or gives it up while holding verified
 * bytes of the object. Every other way to delete bytes would go around these. A volume's wrappers pass the call on.
 */
export const volumeRemovers = ["src/places/volumes/", "src/flows/collect", "src/moves/replicate/rewrite-replica.ts"];

/** Floors that do no I/O: bytes in, bytes out. */
export const pureFloors = ["core", "bytes"];

/** Files on them that do, each for the one thing it is there for: the real clock, and the kernels' own code. */
export const impureFiles = ["src/core/world/real.ts", "src/bytes/kernels/wasm.ts"];

/**
 * Files of src/ that only tests load: tests, the suites that every driver of a seam runs, and what these work with. They may look
 * behind any door; product code never imports them, and they are not published (tsconfig.build.json has the same list).
 */
export const testing = "\\.test\\.ts$|/conformance\\.ts$|/conformance-[a-z]+\\.ts$|/specimens\\.ts$|/guarded\\.ts$|/test-tools\\.ts$|/fixtures/";
