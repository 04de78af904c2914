/** The corpus of hostile headers: the same files every time, made when they are asked for, because some are large. */
import { archiveHeaders } from "./headers/archives.ts";
import type { HostileHeader } from "./headers/case.ts";
import { ggufHeaders } from "./headers/gguf.ts";
import { numpyHeaders } from "./headers/numpy.ts";
import { onnxHeaders } from "./headers/onnx.ts";
import { indexHeaders } from "./headers/parts-index.ts";
import { safetensorsHeaders } from "./headers/safetensors.ts";

export type { HostileHeader } from "./headers/case.ts";

export function* hostileHeaders(): Generator<HostileHeader> {
  yield* safetensorsHeaders();
  yield* ggufHeaders();
  yield* archiveHeaders();
  yield* numpyHeaders();
  yield* onnxHeaders();
  yield* indexHeaders();
}
