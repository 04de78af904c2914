/**
 * ONNX: the initializers of the graph and of the graphs inside its nodes (onnx.proto, `ModelProto`). Tensors of inner
 * graphs are named by where the graph hangs: `#3.0/w` is `w` in the first graph of node 3, because only that is unique.
 */
import { limits } from "../../../core/limits.ts";
import type { TensorEntry } from "../../../core/manifest.ts";
import { Cursor } from "../cursor.ts";
import { inFileOrder, refuseSameNames } from "../file-order.ts";
import type { Format, Layout, RangeReader } from "../format.ts";
import { invalid } from "../refuse.ts";
import { type OnnxTensor, readTensor } from "./tensor.ts";
import { eachField, type Field, wire } from "./wire.ts";

const modelField = { graph: 7, opsetImport: 8 } as const;
const graphField = { node: 1, initializer: 5 } as const;
const nodeField = { attribute: 5 } as const;
const attributeField = { graph: 6, graphs: 11 } as const;
const graphDepthMax = 8;

/** The tensors found so far, and the place in the tree of graphs where the walk is. */
interface Walk {
  readonly cursor: Cursor;
  readonly found: OnnxTensor[];
  readonly prefix: string;
  readonly depth: number;
}

async function readModel(file: RangeReader): Promise<readonly OnnxTensor[]> {
  const walk: Walk = { cursor: new Cursor(file), found: [], prefix: "", depth: 1 };
  let graphs = 0;
  let opsets = 0;
  await eachField(walk.cursor, file.bytes, (field) => {
    if (field.number === modelField.opsetImport) opsets++;
    if (field.number !== modelField.graph) return undefined;
    graphs++;
    return readGraph(walk, field);
  });
  if (graphs !== 1 || opsets === 0) throw invalid(`a model of ${graphs} graphs and ${opsets} operator sets`);
  return walk.found;
}

async function readGraph(walk: Walk, graph: Field): Promise<void> {
  if (graph.wire !== wire.bytes) throw invalid("a graph that is not a message");
  if (walk.depth > graphDepthMax) throw invalid(`graphs nested deeper than ${graphDepthMax}`);
  let node = 0;
  await eachField(walk.cursor, graph.end, (field) => {
    if (field.wire !== wire.bytes) return undefined;
    if (field.number === graphField.initializer) return readInitializer(walk, field);
    return field.number === graphField.node ? readNode(walk, field, node++) : undefined;
  });
}

async function readInitializer(walk: Walk, initializer: Field): Promise<void> {
  const tensor = await readTensor(walk.cursor, initializer.end, walk.prefix);
  if (!tensor) return;
  if (walk.found.length === limits.tensorsMax) throw invalid(`more than ${limits.tensorsMax} tensors`);
  walk.found.push(tensor);
}

async function readNode(walk: Walk, node: Field, index: number): Promise<void> {
  let graphs = 0;
  const inner = (): Walk => ({ ...walk, prefix: `${walk.prefix}#${index}.${graphs++}/`, depth: walk.depth + 1 });
  await eachField(walk.cursor, node.end, (field) => {
    if (field.number !== nodeField.attribute || field.wire !== wire.bytes) return undefined;
    return eachField(walk.cursor, field.end, (part) =>
      part.number === attributeField.graph || part.number === attributeField.graphs ? readGraph(inner(), part) : undefined,
    );
  });
}

function layoutOf(found: readonly OnnxTensor[], fileBytes: number): Layout {
  refuseSameNames(found.map(({ entry }) => entry));
  const own: TensorEntry[] = [];
  const external = new Map<string, TensorEntry[]>();
  for (const { entry, location } of found) {
    if (location === undefined) own.push(entry);
    else listAt(external, location).push(entry);
  }
  for (const list of external.values()) inFileOrder(list, undefined);
  return { format: "onnx", tensors: inFileOrder(own, fileBytes), external };
}

function listAt<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

export const onnx: Format = {
  name: "onnx",
  claims: (fileName) => fileName.endsWith(".onnx"),
  /** `ir_version` from 3 to 31, then the producer, the domain or the graph: as near to a magic number as protobuf comes. */
  probe: ([tag, version = 0, next = 0]) => tag === 0x08 && version >= 3 && version < 32 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(next),
  layout: async (file) => layoutOf(await readModel(file), file.bytes),
};
