import { formatSuite } from "../conformance.ts";
import { pytorch } from "./pytorch.ts";

formatSuite(pytorch, ["state.pt", "script.pt"]);
