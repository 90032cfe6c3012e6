/** The messages of ONNX files, by their own schema, and the library that reads and writes them. */
import type * as Protobuf from "npm:@bufbuild/protobuf@^2.17.0";
import type * as Onnx from "npm:onnx-buf@1.20.0-1";
import type { Shape } from "../../array/shape.ts";
import { BYTES, codeOf, type ElementType } from "./element_types.ts";

/** What writes and reads messages. */
export interface Schema {
  readonly protobuf: typeof Protobuf;
  readonly onnx: typeof Onnx;
}

let loaded: Promise<Schema> | undefined;

/** Loads the schema when it is first used. */
export function loadSchema(): Promise<Schema> {
  return loaded ??= Promise.all([
    import("npm:@bufbuild/protobuf@^2.17.0"),
    import("npm:onnx-buf@1.20.0-1"),
  ]).then(([protobuf, onnx]) => ({ protobuf, onnx }));
}

/** A tensor as a message. */
export function tensorMessage(
  { protobuf, onnx }: Schema,
  name: string,
  type: ElementType,
  shape: Shape,
  data: ArrayLike<number>,
): Onnx.TensorProto {
  return protobuf.create(onnx.TensorProtoSchema, {
    name,
    dataType: codeOf(type),
    dims: shape.map(BigInt),
    rawData: rawBytes(type, data),
  });
}

/** Elements as bytes, the least significant first. */
function rawBytes(type: ElementType, data: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length * BYTES[type]);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (type === "float32") view.setFloat32(4 * i, value, true);
    else if (type === "float64") view.setFloat64(8 * i, value, true);
    else view.setBigInt64(8 * i, BigInt(value), true);
  }
  return bytes;
}
