/** How often things were read, summed over processes. Hints like all that is coordinated: what is lost with a server makes no difference but to what is known of the past. */

export interface Count {
  readonly name: string;
  readonly count: number;
}

export interface Counters {
  /** Adds to the counters of a group. */
  add(group: string, counts: readonly Count[], signal: AbortSignal): Promise<void>;
  /** One answer for each name; 0 for one that was never counted, or was forgotten. */
  read(group: string, names: readonly string[], signal: AbortSignal): Promise<readonly number[]>;
  /** The highest first, at most `limit`. */
  top(group: string, limit: number, signal: AbortSignal): Promise<readonly Count[]>;
}

/** A group keeps as many, those that count most. */
export const countersPerGroupMax = 100_000;
