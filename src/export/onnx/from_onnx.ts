import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { isPlainObject } from "../../_internal/containers.ts";
import { readBytes } from "../../_internal/files.ts";
import type { DType } from "../../array/dtype.ts";
import { isLeaf } from "../../transforms/core/arguments.ts";
import { constant, type Operand, Variable } from "../../variable/mod.ts";
import { decodeOnnx, type FileGraph, type FilePort } from "./decode.ts";
import { dtypeFor, isFloat } from "./element_types.ts";
import { readerOf } from "./readers/mod.ts";
import { type OnnxValue, Reading } from "./readers/reading.ts";

/** An input or output of an ONNX file. */
export interface OnnxPort {
  /** Its name. */
  readonly name: string;
  /**
   * The lengths of its axes: names for those that are known when it runs, null for those without a name; undefined where
   * not even the number of axes is known.
   */
  readonly shape: readonly (number | string | null)[] | undefined;
  /** The element type in the file, such as `"float32"` or `"int64"`. */
  readonly type: string;
}

/** Variables by name. */
export type NamedVariables = { readonly [name: string]: Variable };

/** A model that was read from an ONNX file. */
export interface OnnxModel {
  /** What can be trained: the floating-point initializers, by name. */
  readonly parameters: NamedVariables;
  /** What goes in. */
  readonly inputs: readonly OnnxPort[];
  /** What comes out. */
  readonly outputs: readonly OnnxPort[];
  /** The version of the operators. */
  readonly opset: number;
  /** Texts that are kept in the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Runs the model by differentiable operations, so that all transforms work over it.
   *
   * @param parameters As in {@linkcode OnnxModel.parameters}, or others of the same shapes
   * @param inputs By name; if there is one only, it can be passed as it is
   * @returns The outputs by name; integers and truth values in float64
   * @throws {TypeError} If a parameter or input is missing, unknown or of another shape, or an option of an operator is
   *   not supported
   */
  apply(
    parameters: NamedVariables,
    inputs: Operand | { readonly [name: string]: Operand },
  ): { [name: string]: Variable };
}

/**
 * Reads an ONNX file: a model that runs here, and can be trained further. Operators of control flow, of random numbers
 * and those whose shapes depend on numbers are refused by name, as are weights in other files. Reading a file needs
 * read permission.
 *
 * @param source A path, or the bytes
 * @returns Parameters, and a function of them
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {SyntaxError} If the bytes are no ONNX file, or it contradicts itself
 * @throws {TypeError} If it has operators or types that are not supported
 *
 * @example Fine-tuning
 * ```ts
 * import { grad } from "@tapegrad/tapegrad";
 * import { fromOnnx, type NamedVariables, toOnnx } from "@tapegrad/tapegrad/export";
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const bytes = await toOnnx(sequential([dense({ units: 1, inputShape: [2] })]).build());
 * const { parameters, apply } = await fromOnnx(bytes);
 * const loss = (p: NamedVariables) => apply(p, [[1, 2]])["output"]!.sum();
 * console.log(grad(loss)(parameters)["dense/kernel"]!.value); // [[1], [2]]
 * ```
 */
export async function fromOnnx(source: string | URL | Uint8Array): Promise<OnnxModel> {
  const graph = await decodeOnnx(source instanceof Uint8Array ? source : await readBytes(source));
  checkOperators(graph);
  const isParameter = (name: string): boolean => isFloat(graph.initializers.get(name)!.type);
  const parameters = Object.fromEntries(
    [...graph.initializers.keys()].filter(isParameter).map((name) => [
      name,
      constant(graph.initializers.get(name)!.array, { name }),
    ]),
  );
  return {
    parameters,
    inputs: graph.inputs.map(publicPort),
    outputs: graph.outputs.map(publicPort),
    opset: graph.opset,
    metadata: graph.metadata,
    apply: (given, inputs) => {
      const values = new Map<string, OnnxValue>();
      for (const [name, { array, type }] of graph.initializers) {
        values.set(name, {
          type,
          x: isParameter(name) ? readParameter(name, parameters, given) : constant(array),
        });
      }
      readInputs(graph.inputs, inputs, values);
      return run(graph, values);
    },
  };
}

const publicPort = ({ name, shape, type }: FilePort): OnnxPort => ({ name, shape, type });

/** Refuses a file with operators that are not known, naming all of them. */
function checkOperators({ nodes }: FileGraph): void {
  const unknown = new Set(
    nodes.map(({ operator }) => operator).filter((name) => readerOf(name) === undefined),
  );
  if (unknown.size === 0) return;
  throw new TypeError(
    message`Cannot read an ONNX file: the operators ${[...unknown].join(", ")} are not supported`,
  );
}

function run(graph: FileGraph, values: Map<string, OnnxValue>): { [name: string]: Variable } {
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => name === "" ? undefined : values.get(name));
    const result = readerOf(node.operator)!(new Reading(node, graph.opset, inputs));
    const results = Array.isArray(result)
      ? result as readonly (OnnxValue | undefined)[]
      : [result as OnnxValue];
    node.outputs.forEach((name, i) => {
      if (name === "") return;
      const value = results[i];
      if (value === undefined) {
        throw new TypeError(
          message`Cannot run ${node.operator} of an ONNX file: its result ${i} is not supported`,
        );
      }
      values.set(name, value);
    });
  }
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, values.get(name)!.x]));
}

function readParameter(name: string, own: NamedVariables, given: NamedVariables): Variable {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  if (!(value instanceof Variable)) {
    throw new TypeError(message`Cannot run an ONNX model: the parameter ${name} is ${describeValue(value)}`);
  }
  const { shape, dtype } = own[name]!;
  if (shape.join() !== value.shape.join()) {
    throw new TypeError(
      message`Cannot run an ONNX model: the parameter ${name} has shape ${value.shape}, expected ${shape}`,
    );
  }
  return inDtype(value, dtype);
}

const inDtype = (x: Variable, dtype: DType): Variable => x.dtype === dtype ? x : x.cast(dtype);

function readInputs(ports: readonly FilePort[], given: unknown, values: Map<string, OnnxValue>): void {
  const named = isPlainObject(given) && !isLeaf(given)
    ? given
    : ports.length === 1
    ? { [ports[0]!.name]: given }
    : {};
  const unknown = Object.keys(named).find((name) => ports.every((port) => port.name !== name));
  if (unknown !== undefined) {
    throw new TypeError(
      message`Cannot run an ONNX model: there is no input ${describeValue(unknown)}, it has ${
        ports.map(({ name }) => name).join(", ") || "none"
      }`,
    );
  }
  const lengths = new Map<string, number>();
  for (const port of ports) {
    const value = Object.hasOwn(named, port.name) ? named[port.name] as Operand : undefined;
    if (value === undefined) {
      throw new TypeError(message`Cannot run an ONNX model: the input ${port.name} is missing`);
    }
    const dtype = dtypeFor(port.type);
    const x = value instanceof Variable ? inDtype(value, dtype) : constant(value, { dtype });
    checkShape(port, x, lengths);
    values.set(port.name, { x, type: port.type });
  }
}

/** Checks a shape, also that axes of one name have one length. */
function checkShape({ name, shape }: FilePort, x: Variable, lengths: Map<string, number>): void {
  if (shape === undefined) return;
  const fits = shape.length === x.rank && shape.every((axis, i) => {
    const length = x.shape[i]!;
    if (typeof axis !== "string") return axis === null || axis === length;
    const known = lengths.get(axis);
    lengths.set(axis, length);
    return known === undefined || known === length;
  });
  if (fits) return;
  throw new TypeError(
    message`Cannot run an ONNX model: the input ${name} has shape ${x.shape}, expected [${
      shape.map((axis) => axis ?? "any").join(", ")
    }]`,
  );
}
