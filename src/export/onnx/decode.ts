import type * as Onnx from "npm:onnx-buf@1.20.0-1";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { type ElementType, typeOfCode } from "./element_types.ts";
import { type ReadTensor, readTensor } from "./read_tensor.ts";
import { loadSchema } from "./schema.ts";

/** An attribute of a node. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | ReadTensor;

/** A node of a file. */
export interface FileNode {
  readonly operator: string;
  /** Names of values; `""` where one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** An input or output of a file. */
export interface FilePort {
  readonly name: string;
  readonly type: ElementType;
  /** Lengths of axes, names of those that are not known, null without; undefined where not even their number is. */
  readonly shape: readonly (number | string | null)[] | undefined;
}

/** What a file holds, with all names checked. */
export interface FileGraph {
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly FilePort[];
  readonly outputs: readonly FilePort[];
  readonly initializers: ReadonlyMap<string, ReadTensor>;
  /** In an order in which each comes after those that it reads. */
  readonly nodes: readonly FileNode[];
}

/**
 * Reads a file.
 *
 * @throws {SyntaxError} If the bytes are no ONNX file, or values are missing, stand twice or depend on themselves
 * @throws {TypeError} If it has parts that are not supported
 */
export async function decodeOnnx(bytes: Uint8Array): Promise<FileGraph> {
  const { protobuf, onnx } = await loadSchema();
  let model: Onnx.ModelProto;
  try {
    model = protobuf.fromBinary(onnx.ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new SyntaxError("Cannot read an ONNX file: the bytes are malformed or cut off", { cause });
  }
  const { graph } = model;
  const version = model.opsetImport.find(({ domain }) => isStandard(domain))?.version;
  if (graph === undefined || version === undefined) {
    throw new SyntaxError("Cannot read an ONNX file: it holds no graph, or does not state its opset");
  }
  if (graph.sparseInitializer.length > 0) {
    throw new TypeError("Cannot read an ONNX file: sparse initializers are not supported");
  }
  const initializers = new Map<string, ReadTensor>();
  for (const tensor of graph.initializer) {
    if (initializers.has(tensor.name)) throw standsTwice(tensor.name);
    initializers.set(tensor.name, readTensor(tensor, `the initializer ${tensor.name}`));
  }
  const read = {
    opset: Number(version),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(readPort),
    outputs: graph.output.map(readPort),
    initializers,
    nodes: graph.node.map(readNode),
  };
  checkNames(read);
  return read;
}

const isStandard = (domain: string): boolean => domain === "" || domain === "ai.onnx";

function readPort({ name, type }: Onnx.ValueInfoProto): FilePort {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
  const element = tensor === undefined ? undefined : typeOfCode(tensor.elemType);
  if (element === undefined) {
    throw new TypeError(
      message`Cannot read an ONNX file: the value ${describeValue(name)} is no tensor of numbers`,
    );
  }
  const shape = tensor?.shape?.dim.map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : value.case === "dimParam" ? value.value : null
  );
  return { name, type: element, shape };
}

function readNode(node: Onnx.NodeProto): FileNode {
  const operator = isStandard(node.domain) ? node.opType : `${node.domain}.${node.opType}`;
  const attributes = node.attribute.map((attribute) =>
    [attribute.name, readAttribute(operator, attribute)] as const
  );
  return { operator, inputs: node.input, outputs: node.output, attributes: new Map(attributes) };
}

function readAttribute(operator: string, attribute: Onnx.AttributeProto): AttributeValue {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  // The numbers of AttributeProto.AttributeType.
  switch (attribute.type as number) {
    case 1:
      return attribute.f;
    case 2:
      return Number(attribute.i);
    case 3:
      return text(attribute.s);
    case 4:
      if (attribute.t !== undefined) return readTensor(attribute.t, `the attribute ${attribute.name}`);
      break;
    case 6:
      return attribute.floats;
    case 7:
      return attribute.ints.map(Number);
    case 8:
      return attribute.strings.map(text);
  }
  throw new TypeError(
    message`Cannot read an ONNX file: the attribute ${
      describeValue(attribute.name)
    } of ${operator} is not supported`,
  );
}

/** Checks that each value is made once, before it is read. */
function checkNames({ inputs, initializers, nodes, outputs }: FileGraph): void {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const known = new Set<string>(initializers.keys());
  for (const { name } of inputs) {
    if (known.has(name)) throw standsTwice(name);
    known.add(name);
  }
  const check = (name: string, reader: string): void => {
    if (name === "" || known.has(name)) return;
    throw new SyntaxError(
      made.has(name)
        ? message`Cannot read an ONNX file: ${reader} reads ${
          describeValue(name)
        } before it is computed, nodes are not in
          order or go in a circle`
        : message`Cannot read an ONNX file: ${reader} reads ${describeValue(name)}, which is not there`,
    );
  };
  for (const { operator, inputs, outputs } of nodes) {
    for (const name of inputs) check(name, operator);
    for (const name of outputs) {
      if (name !== "" && known.has(name)) throw standsTwice(name);
      known.add(name);
    }
  }
  for (const { name } of outputs) check(name, "an output");
}

function standsTwice(name: string): SyntaxError {
  return new SyntaxError(message`Cannot read an ONNX file: there are two values ${describeValue(name)}`);
}
