/** Shows how far a task is: on a terminal one line that is drawn again, elsewhere a plain line every few seconds. */
import { realWorld } from "../../../core/world/index.ts";
import type { ProgressEvent, Task } from "../../../index.ts";
import { Pace } from "./pace.ts";
import { progressLine } from "./progress-line.ts";
import type { Screen } from "./screen.ts";

export interface Output {
  readonly columns?: number;
  write(text: string): unknown;
}

/** The same event again and again is a rate that falls: lines come by the clock, not by the events. */
const redrawMs = 100;
const plainMs = 5000;

export async function watch<T>(task: Task<T>, output: Output, screen: Screen): Promise<T> {
  let event: ProgressEvent | undefined;
  let pace = new Pace();
  const show = screen.terminal ? redraw(output, screen) : plainLine(output);
  const timer = setInterval(() => event && show(event, pace.bytesPerSecond(realWorld.ticks())), screen.terminal ? redrawMs : plainMs);
  try {
    for await (const next of task) {
      if (next.step !== event?.step) pace = new Pace();
      event = next;
      pace.see(realWorld.ticks(), next.bytes);
    }
  } finally {
    clearInterval(timer);
    if (screen.terminal) output.write("\r\u001b[K");
  }
  return task;
}

type Show = (event: ProgressEvent, bytesPerSecond: number | undefined) => void;

/** The width is asked each time: windows change while work goes on. The last column stays free, so that nothing wraps. */
function redraw(output: Output, screen: Screen): Show {
  return (event, bytesPerSecond) => {
    const columns = Math.max(20, output.columns ?? 80) - 1;
    output.write(`\r${screen.style("dim", progressLine(event, bytesPerSecond, columns))}\u001b[K`);
  };
}

function plainLine(output: Output): Show {
  return (event, bytesPerSecond) => void output.write(`${progressLine(event, bytesPerSecond, undefined)}\n`);
}
