import type * as Onnx from "npm:onnx-buf@1.20.0-1";
import type { NdArray } from "../../array/nd_array.ts";
import type { DraftAttributes, DraftNode } from "./draft.ts";
import { codeOf, type ElementType } from "./element_types.ts";
import { loadSchema, type Schema, tensorMessage } from "./schema.ts";
import type { WrittenGraph } from "./write_graph.ts";

/** The operators' version that is written: the oldest with all of them. */
export const OPSET = 18;
/** The version of the file format that came with it. */
const IR_VERSION = 8n;

/** An input or output: its axes are lengths, names of lengths, or unknown. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly axes: readonly (number | string | undefined)[];
}

/** Everything that a file holds. */
export interface OnnxFile {
  readonly graph: WrittenGraph;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Parameters, by name. */
  readonly initializers: readonly { readonly name: string; readonly array: NdArray }[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes a file. */
export async function encodeOnnx(file: OnnxFile): Promise<Uint8Array<ArrayBuffer>> {
  const schema = await loadSchema();
  const { protobuf, onnx } = schema;
  const { draft, outputs } = file.graph;
  const ends = file.outputs.map(({ name }, i): DraftNode => ({
    operator: "Identity",
    inputs: [outputs[i]!],
    outputs: [name],
    attributes: {},
    source: "output",
  }));
  const nodes = dropUnused([...draft.nodes, ...ends], file.outputs.map(({ name }) => name));
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const constants = draft.constants.filter(({ name }) => used.has(name)).map((constant) => {
    const { name, type, shape, data } = constant;
    return protobuf.create(onnx.NodeProtoSchema, {
      opType: "Constant",
      name,
      output: [name],
      attribute: [
        protobuf.create(onnx.AttributeProtoSchema, {
          name: "value",
          type: onnx.AttributeProto_AttributeType.TENSOR,
          t: tensorMessage(schema, name, type, shape, data),
        }),
      ],
    });
  });
  const graph = protobuf.create(onnx.GraphProtoSchema, {
    name: "tapegrad",
    node: [...constants, ...nodes.map((node) => nodeMessage(schema, node))],
    input: file.inputs.map((port) => portMessage(schema, port)),
    output: file.outputs.map((port) => portMessage(schema, port)),
    initializer: file.initializers.map(({ name, array }) =>
      tensorMessage(schema, name, array.dtype, array.shape, array.data)
    ),
  });
  const model = protobuf.create(onnx.ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "tapegrad",
    opsetImport: [protobuf.create(onnx.OperatorSetIdProtoSchema, { domain: "", version: BigInt(OPSET) })],
    graph,
    metadataProps: Object.entries(file.metadata).map(([key, value]) =>
      protobuf.create(onnx.StringStringEntryProtoSchema, { key, value })
    ),
  });
  return protobuf.toBinary(onnx.ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
}

/** Drops nodes, and last results of nodes, that nothing reads. */
function dropUnused(nodes: readonly DraftNode[], results: readonly string[]): DraftNode[] {
  const used = new Set(results);
  const kept: DraftNode[] = [];
  for (const node of nodes.toReversed()) {
    const last = node.outputs.findLastIndex((name) => used.has(name));
    if (last < 0) continue;
    node.inputs.forEach((name) => used.add(name));
    kept.push({ ...node, outputs: node.outputs.slice(0, last + 1) });
  }
  return kept.reverse();
}

function nodeMessage(schema: Schema, { operator, inputs, outputs, attributes }: DraftNode): Onnx.NodeProto {
  return schema.protobuf.create(schema.onnx.NodeProtoSchema, {
    opType: operator,
    name: `${operator}:${outputs[0]}`,
    input: [...inputs],
    output: [...outputs],
    attribute: attributeMessages(schema, attributes),
  });
}

function attributeMessages({ protobuf, onnx }: Schema, attributes: DraftAttributes): Onnx.AttributeProto[] {
  const { AttributeProto_AttributeType: types } = onnx;
  return Object.entries(attributes).map(([name, value]) =>
    protobuf.create(
      onnx.AttributeProtoSchema,
      typeof value === "number"
        ? { name, type: types.INT, i: BigInt(value) }
        : typeof value === "string"
        ? { name, type: types.STRING, s: new TextEncoder().encode(value) }
        : { name, type: types.INTS, ints: value.map(BigInt) },
    )
  );
}

function portMessage({ protobuf, onnx }: Schema, { name, type, axes }: Port): Onnx.ValueInfoProto {
  const dim = axes.map((axis) =>
    protobuf.create(onnx.TensorShapeProto_DimensionSchema, {
      value: typeof axis === "number"
        ? { case: "dimValue", value: BigInt(axis) }
        : axis === undefined
        ? { case: undefined }
        : { case: "dimParam", value: axis },
    })
  );
  const tensor = protobuf.create(onnx.TypeProto_TensorSchema, {
    elemType: codeOf(type),
    shape: protobuf.create(onnx.TensorShapeProtoSchema, { dim }),
  });
  return protobuf.create(onnx.ValueInfoProtoSchema, {
    name,
    type: protobuf.create(onnx.TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}
