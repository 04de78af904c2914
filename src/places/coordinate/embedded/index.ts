/** Coordination inside one process: what is there when nothing is said. Processes on one machine then meet in the catalog alone. */
import type { CoordinatorDriver } from "../coordinator.ts";
import { EmbeddedCoordinator } from "./driver.ts";

export const driver: CoordinatorDriver = { open: (_url, { world }) => new EmbeddedCoordinator(world) };
