/** The tensors of a model that were read by name most often, by all who count together. */
import type { ModelName } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { tensorReads } from "../places/coordinate/index.ts";

export interface TensorCount {
  readonly tensor: string;
  readonly reads: number;
}

/** The highest first. What this process has counted is among them. */
export async function hotTensors({ coordination }: Engine, model: ModelName, limit: number, signal: AbortSignal): Promise<TensorCount[]> {
  await coordination.tally.flush();
  const counts = await coordination.coordinator.counters.top(tensorReads(model), limit, signal);
  return counts.map(({ name, count }) => ({ tensor: name, reads: count }));
}
