/** The groups of counters in which it is kept how often things are read. */
import type { DomainName, ModelName } from "../../core/names.ts";

/** Of chunks asked of the cache, by the key they have there. */
export function chunkReads(domain: DomainName): string {
  return `chunks/${domain}`;
}

/** Of tensors that were loaded by name, by their names. */
export function tensorReads(model: ModelName): string {
  return `tensors/${model}`;
}
