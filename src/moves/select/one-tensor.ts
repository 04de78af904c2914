import { fault } from "../../core/errors.ts";
import type { Manifest } from "../../core/manifest.ts";
import type { TensorAt } from "./tensors.ts";

/** The tensor with exactly this name, in the file where one is named. Throws TENSOR_MISSING; ARGUMENT_INVALID where several files have one. */
export function oneTensor(manifest: Manifest, name: string, path: string | undefined): TensorAt {
  const files = manifest.files.filter((file) => path === undefined || file.path === path);
  const found = files.flatMap((file) => file.tensors.filter((tensor) => tensor.name === name).map((tensor) => ({ file, tensor })));
  const [first, second] = found;
  if (!first)
    throw fault("TENSOR_MISSING", `no tensor of ${manifest.model}${path === undefined ? "" : ` in ${path}`} is named ${name}`, {
      advice: "See them with `holdfast show --tensors`.",
    });
  if (second)
    throw fault("ARGUMENT_INVALID", `${first.file.path} and ${second.file.path} both have a tensor ${name}`, { advice: "Name the file with --file." });
  return first;
}
