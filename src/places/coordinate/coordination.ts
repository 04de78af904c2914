/** A coordinator with what is built on it: fillers that take turns, and a tally of reads. What the moving parts work with. */
import type { World } from "../../core/world/index.ts";
import type { Coordinator, CoordinatorEnvironment } from "./coordinator.ts";
import { Fillers, type FillPatience } from "./fillers.ts";
import { openCoordinator } from "./open.ts";
import { Tally } from "./tally.ts";

export class Coordination implements AsyncDisposable {
  readonly coordinator: Coordinator;
  readonly fillers: Fillers;
  readonly tally: Tally;

  /** Takes over the coordinator. */
  constructor(coordinator: Coordinator, world: World, patience?: FillPatience) {
    this.coordinator = coordinator;
    this.fillers = new Fillers(coordinator, world, patience);
    this.tally = new Tally(coordinator.counters, world);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    stack.use(this.coordinator);
    stack.use(this.tally);
    stack.use(this.fillers);
  }
}

/** Opens `embedded`, or Redis servers by their URL. Throws CONFIG_INVALID. */
export async function openCoordination(url: string, environment: CoordinatorEnvironment): Promise<Coordination> {
  return new Coordination(await openCoordinator(url, environment), environment.world);
}
