import type { Attributes } from "../../../primitives/mod.ts";
import type { Shape } from "../../../array/shape.ts";
import type { Writer, Writing } from "./writing.ts";

export const matmul: Writer<Attributes<"matmul">> = (w) => {
  const { transposeX, transposeY } = w.attributes;
  const read = (x: string, shape: Shape, transposed: boolean): string =>
    transposed ? transposeMatrix(w, x, shape.length) : x;
  return w.emit("MatMul", [read(w.x, w.shapes[0]!, transposeX), read(w.y, w.shapes[1]!, transposeY)]);
};

function transposeMatrix(w: Writing<unknown>, x: string, rank: number): string {
  const axes = Array.from({ length: rank }, (_, i) => i);
  return w.transpose(x, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

export const determinant: Writer<Attributes<"determinant">> = (w) => w.emit("Det", [w.x]);
