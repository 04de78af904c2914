import { formatSuite } from "../conformance.ts";
import { numpy } from "./numpy.ts";

formatSuite(numpy, ["arrays.npz", "arrays/c.npy", "arrays/version-2.npy"]);
