/** Clock, chance and timers. Product code takes time and randomness from here only, so that a simulator can replace them. */
export interface World {
  /** Wall clock, milliseconds since 1970. Never used to decide a lease: that is the catalog's time. */
  now(): number;
  /** Monotonic milliseconds. */
  ticks(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** 128 random bits as 32 hex digits. */
  id(): string;
  /** Resolves after `ms`, or rejects with CANCELLED. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
