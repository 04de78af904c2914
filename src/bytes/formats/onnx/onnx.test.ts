import { formatSuite } from "../conformance.ts";
import { onnx } from "./onnx.ts";

formatSuite(onnx, ["model.onnx", "external/model.onnx"]);
