import { kernelConformance } from "../conformance.ts";
import { Guarded } from "../guarded.ts";
import { twinKernels } from "./index.ts";

kernelConformance("twin", twinKernels(), new Guarded(new Uint8Array(8 << 20), 0));
