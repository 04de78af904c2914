/** A deadline for each step of a stream with one timer for all of them: a timer of its own would cost a step ten times its work. */
import type { World } from "../../../core/world/index.ts";

interface Pending {
  readonly since: number;
  readonly expire: () => void;
}

/**
 * Returns the runner of steps, one at a time. A step that takes longer than `ms` fails with what `late` makes of it. The timer
 * ends with `ended`, or by itself where no step is running when it goes off.
 */
export function watchSteps(
  world: World,
  ms: number,
  late: (running: Promise<unknown>) => Error,
  ended: AbortSignal,
): <T>(step: () => Promise<T>) => Promise<T> {
  let pending: Pending | undefined;
  let watching = false;
  const watch = async (): Promise<void> => {
    watching = true;
    try {
      for (let left = ms; pending; left = pending ? pending.since + ms - world.ticks() : ms) {
        if (left <= 0) return pending.expire();
        await world.sleep(left, ended);
      }
    } catch {
      // The stream has ended: there is nothing to watch any more.
    } finally {
      watching = false;
    }
  };
  return (step) =>
    new Promise((resolve, reject) => {
      const running = step();
      const mine: Pending = { since: world.ticks(), expire: () => reject(late(running)) };
      pending = mine;
      const settle = (): void => {
        if (pending === mine) pending = undefined;
      };
      running.then(settle, settle);
      running.then(resolve, reject);
      if (!watching) void watch();
    });
}
