/** Single tensors of a store: read through the cache, into memory or a file, and replaced. */
import { fault } from "../core/errors.ts";
import type { TensorFacts, TensorFileResult } from "../flows/get-tensor.ts";
import type { TensorCount } from "../flows/hot-tensors.ts";
import type { SetTensorResult } from "../flows/set-tensor.ts";
import type { Durability } from "../moves/replicate/index.ts";
import { type ModelAt, refOf } from "../moves/versions/index.ts";
import type { HotTensorsOptions, SetTensorOptions, TensorOptions } from "./options.ts";
import type { Running, Timed } from "./running.ts";
import type { StoreEngine } from "./store-engine.ts";
import type { Task } from "./task.ts";
import { type Tensor, tensorMap } from "./tensors.ts";

const lockWaitMs = 10_000;

export type TensorOfVersion = Tensor & { readonly version: string };

export class TensorAccess {
  readonly #engine: StoreEngine;
  readonly #running: Running;

  constructor(engine: StoreEngine, running: Running) {
    this.#engine = engine;
    this.#running = running;
  }

  get(at: ModelAt, name: string, { file, signal }: TensorOptions): Task<TensorOfVersion> {
    return this.#running.start(signal, async (progress, joined) => {
      const { loadTensor } = await import("../flows/load-tensors.ts");
      const { tensors, version } = await loadTensor(this.#engine, { at, name, file }, progress, joined);
      const [tensor] = tensorMap(tensors).values();
      if (!tensor) throw fault("TENSOR_MISSING", `tensor ${name} was not loaded`);
      return { ...tensor, version };
    });
  }

  describe(at: ModelAt, name: string, { file, signal }: TensorOptions): Promise<TensorFacts> {
    return this.#running.do(signal, async (joined) => {
      const { describeTensor } = await import("../flows/get-tensor.ts");
      return describeTensor(this.#engine, { at, name, file }, joined);
    });
  }

  hot(at: ModelAt, { limit = 20, signal }: HotTensorsOptions): Promise<TensorCount[]> {
    return this.#running.do(signal, async (joined) => {
      const { hotTensors } = await import("../flows/hot-tensors.ts");
      return hotTensors(this.#engine, at.model, limit, joined);
    });
  }

  save(at: ModelAt, name: string, out: string, { file, signal }: TensorOptions): Task<Timed<TensorFileResult>> {
    return this.#running.startTimed(signal, async (progress, joined) => {
      const { tensorToFile } = await import("../flows/get-tensor.ts");
      return tensorToFile(this.#engine, { at, name, file }, out, progress, joined);
    });
  }

  set(at: ModelAt, name: string, source: string | Uint8Array, durability: Durability, options: SetTensorOptions): Task<Timed<SetTensorResult>> {
    return this.#running.startTimed(options.signal, async (progress, joined) => {
      const { setTensor } = await import("../flows/set-tensor.ts");
      const { file, message = `tensor ${name}` } = options;
      return setTensor(this.#engine, { model: at.model, ref: refOf(at), name, file, source, message, durability, lockWaitMs }, progress, joined);
    });
  }
}
