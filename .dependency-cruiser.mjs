// Turns layers.mjs into the rules of dependency-cruiser. Nothing about the layout is decided here.
import { doorsOf, floors, impureFiles, notDrivers, pureFloors, testing } from "./layers.mjs";

const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const isFile = (/** @type {string} */ module) => module.endsWith(".ts");
const inside = (/** @type {string} */ module) => (isFile(module) ? `^src/${escaped(module)}$` : `^src/${escaped(module)}/`);

const all = floors.flatMap(({ modules }) => Object.entries(modules));
const everyName = all.map(([name]) => name);
const severity = /** @type {const} */ ("error");

/** What a module must not import: all modules but itself, those below, and those beside it that it may use. */
const floorRules = floors.flatMap(({ floor, modules }, level) =>
  Object.entries(modules).flatMap(([name, { uses = [] }]) => {
    const below = floors.slice(0, level).flatMap((lower) => Object.keys(lower.modules));
    const allowed = new Set([name, ...below, ...uses]);
    const forbidden = everyName.filter((other) => !allowed.has(other)).map(inside);
    if (forbidden.length === 0) return []; // No paths would mean all paths.
    const rule = {
      name: `floor: ${name}`,
      comment: `${name} is on the floor "${floor}": it imports from lower floors, and beside it only what layers.mjs lists.`,
      severity,
      from: { path: inside(name), pathNot: testing },
      to: { path: forbidden },
    };
    return [rule];
  }),
);

const doorRules = all
  .filter(([name, module]) => !isFile(name) && !doorsOf(module).includes("*"))
  .map(([name, module]) => ({
    name: `door: ${name}`,
    comment: `Enter ${name} through ${doorsOf(module).join(", ")}.`,
    severity,
    from: { path: "^src/", pathNot: [inside(name), testing] },
    to: { path: inside(name), pathNot: doorsOf(module).map((file) => `^src/${escaped(name)}/${escaped(file)}$`) },
  }));

const driverRules = all
  .filter(([, { drivers }]) => drivers === true)
  .map(([name]) => {
    const driver = `^src/${escaped(name)}/(?!(?:${notDrivers.map(escaped).join("|")})/)([^/]+)/`;
    return {
      name: `drivers: ${name}`,
      comment: `Drivers of ${name} never meet: what two of them need belongs into the module itself.`,
      severity,
      from: { path: driver, pathNot: testing },
      to: { path: driver, pathNot: `^src/${escaped(name)}/$1/` },
    };
  });

const inputOutput = "fs fs/promises net http https http2 tls dgram dns child_process cluster worker_threads sqlite timers timers/promises";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...floorRules,
    ...doorRules,
    ...driverRules,
    {
      name: "known",
      comment: "A folder of src/ that layers.mjs does not name: add it there, on the floor where it belongs.",
      severity,
      from: { path: "^src/", pathNot: everyName.map(inside) },
      to: {},
    },
    { name: "cycles", comment: "No file needs itself, not even through others.", severity, from: {}, to: { circular: true } },
    {
      name: "pure",
      comment: "core and bytes do no I/O: files, sockets and threads belong to machine and places.",
      severity,
      from: { path: pureFloors.map((floor) => `^src/${floor}/`), pathNot: [testing, ...impureFiles.map((file) => `^${escaped(file)}$`)] },
      to: { dependencyTypes: ["core"], path: `^(?:node:)?(?:${inputOutput.split(" ").join("|")})$` },
    },
    {
      name: "tests stay outside",
      comment: "Product code never imports a test, a conformance suite or anything from test/, bench/ and scripts/.",
      severity,
      from: { path: "^src/", pathNot: testing },
      to: { path: [testing, "^(?:test|bench|scripts|sim)/"] },
    },
    {
      name: "declared",
      comment: "Product code uses packages that package.json lists under dependencies.",
      severity,
      from: { path: "^src/", pathNot: testing },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    { name: "resolved", comment: "An import that leads nowhere.", severity, from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    parser: "tsc",
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["holdfast-source", "import", "node", "default", "types"],
    },
  },
};
