/** What placement knows of a volume. Facts in, intended places out: nothing here waits for anything. */
import type { VolumeName } from "../../core/names.ts";

export interface VolumeFacts {
  readonly name: VolumeName;
  /** What can fail at once with it. */
  readonly failureDomain: string;
  /** Share of new objects relative to the others; 0 takes none. */
  readonly weight: number;
  /** Copies that it keeps by itself of every object. */
  readonly copies: number;
  /** `draining`: read from, not written to. */
  readonly state: "active" | "draining";
  readonly full: boolean;
}

export function takesObjects(volume: VolumeFacts): boolean {
  return volume.state === "active" && !volume.full && volume.weight > 0;
}
