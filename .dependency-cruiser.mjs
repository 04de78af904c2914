// Turns layers.mjs into the rules of dependency-cruiser. Nothing about the layout is decided here.
import { floors, notDrivers, pureFloors } from "./layers.mjs";

const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const inside = (/** @type {string} */ module) => (module.endsWith(".ts") ? `^src/${escaped(module)}$` : `^src/${escaped(module)}/`);
const anyOf = (/** @type {readonly string[]} */ modules) => modules.map(inside);

const every = floors.flatMap(({ modules }) => Object.keys(modules));
const tests = "(\\.test|/conformance)\\.ts$";

/** What a module must not import: all modules but itself, those below, and those beside it that it may use. */
const floorRules = floors.flatMap(({ floor, modules }, level) =>
  Object.entries(modules).map(([name, { uses = [] }]) => {
    const below = floors.slice(0, level).flatMap((lower) => Object.keys(lower.modules));
    const allowed = new Set([name, ...below, ...uses]);
    const forbidden = every.filter((other) => !allowed.has(other));
    return {
      name: `floor: ${name}`,
      comment: `${name} is on the floor "${floor}": it imports from lower floors, and beside it only what layers.mjs lists.`,
      severity: /** @type {const} */ ("error"),
      from: { path: inside(name) },
      to: { path: anyOf(forbidden) },
    };
  }),
);

const doorRules = floors
  .flatMap(({ modules }) => Object.entries(modules))
  .filter(([name, { seam = [] }]) => !name.endsWith(".ts") && !seam.includes("*"))
  .map(([name, { seam = [] }]) => ({
    name: `door: ${name}`,
    comment: `Enter ${name} through its index.ts${seam.length > 0 ? ` or its seam (${seam.join(", ")})` : ""}.`,
    severity: /** @type {const} */ ("error"),
    from: { path: "^src/", pathNot: [inside(name)] },
    to: { path: inside(name), pathNot: ["index.ts", ...seam].map((file) => `^src/${escaped(name)}/${escaped(file)}$`) },
  }));

const driverRules = floors
  .flatMap(({ modules }) => Object.entries(modules))
  .flatMap(([name, { drivers }]) => {
    if (drivers === undefined) return [];
    const folder = drivers === "." ? `src/${name}` : `src/${name}/${drivers}`;
    const driver = `^${escaped(folder)}/(?!(?:${notDrivers.map(escaped).join("|")})/)([^/]+)/`;
    return [
      {
        name: `drivers: ${name}`,
        comment: `Drivers of ${name} never meet: what two of them need belongs into the module itself.`,
        severity: /** @type {const} */ ("error"),
        from: { path: driver, pathNot: tests },
        to: { path: driver, pathNot: `^${escaped(folder)}/$1/` },
      },
    ];
  });

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...floorRules,
    ...doorRules,
    ...driverRules,
    {
      name: "known",
      comment: "A folder of src/ that layers.mjs does not name: add it there, on the floor where it belongs.",
      severity: "error",
      from: { path: "^src/", pathNot: anyOf(every) },
      to: {},
    },
    { name: "cycles", comment: "No module needs itself, not even through others.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "pure",
      comment: "core and bytes do no I/O: files, sockets and threads belong to machine and places.",
      severity: "error",
      from: { path: pureFloors.map((floor) => `^src/${floor}/`), pathNot: [tests, "^src/core/world/real\\.ts$"] },
      to: {
        dependencyTypes: ["core"],
        path: "^(?:node:)?(?:fs|fs/promises|net|http|https|http2|tls|dgram|dns|child_process|cluster|worker_threads|sqlite|timers|timers/promises)$",
      },
    },
    {
      name: "tests stay outside",
      comment: "Product code never imports a test, a conformance suite or anything from test/, bench/ and scripts/.",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { path: [tests, "^(?:test|bench|scripts|sim)/"] },
    },
    {
      name: "declared",
      comment: "Product code uses packages that package.json lists under dependencies.",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown", "undetermined"] },
    },
    { name: "resolved", comment: "An import that leads nowhere.", severity: "error", from: {}, to: { couldNotResolve: true } },
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
