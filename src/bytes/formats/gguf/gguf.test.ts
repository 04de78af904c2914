import { formatSuite } from "../conformance.ts";
import { gguf } from "./gguf.ts";

formatSuite(gguf, ["mixed.gguf", "aligned.gguf"]);
