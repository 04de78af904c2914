/** Clock, chance and timers of the process, behind one interface. The real ones are here; a simulator brings its own. */
export { realWorld } from "./real.ts";
export type { World } from "./world.ts";
