import type { Attributes } from "../../../primitives/mod.ts";
import type { Writer, Writing } from "./writing.ts";

/** A reduction that ONNX has an operator for. */
const reduction = (operator: string): Writer<Attributes<"sum">> => (w) =>
  w.reduce(operator, w.x, w.attributes.axes, w.attributes.keepDims);

export const sum: Writer<Attributes<"sum">> = reduction("ReduceSum");
export const max: Writer<Attributes<"max">> = reduction("ReduceMax");
export const min: Writer<Attributes<"min">> = reduction("ReduceMin");
export const logSumExp: Writer<Attributes<"logSumExp">> = reduction("ReduceLogSumExp");

export const prod: Writer<Attributes<"prod">> = (w) =>
  w.reduce("ReduceProd", w.x, [w.attributes.axis], false);

export const norm: Writer<Attributes<"norm">> = (w) => {
  const { order, axes, keepDims } = w.attributes;
  const lengths = w.emit("Abs", [w.x]);
  if (axes.length === 0) return lengths;
  if (order === 1) return w.reduce("ReduceL1", w.x, axes, keepDims);
  if (order === 2) return w.reduce("ReduceL2", w.x, axes, keepDims);
  const total = w.reduce("ReduceSum", w.emit("Pow", [lengths, w.number(order)]), axes, keepDims);
  return w.emit("Pow", [total, w.number(1 / order)]);
};

export const argMax: Writer<Attributes<"argMax">> = (w) =>
  w.cast(w.emit("ArgMax", [w.x], { axis: w.attributes.axis, keepdims: 0 }), w.dtype);

export const cumSum: Writer<Attributes<"cumSum">> = (w) =>
  w.emit("CumSum", [w.x, w.integer(w.attributes.axis)], { reverse: w.attributes.reverse ? 1 : 0 });

export const softmax: Writer<Attributes<"softmax">> = (w) =>
  w.emit("Softmax", [w.x], { axis: w.attributes.axis });

export const logSoftmax: Writer<Attributes<"logSoftmax">> = (w) =>
  w.emit("LogSoftmax", [w.x], { axis: w.attributes.axis });

export const softmaxCrossEntropy: Writer<Attributes<"softmaxCrossEntropy">> = (w) => {
  const axis = w.shape.length;
  const surprise = w.emit("Neg", [w.emit("LogSoftmax", [w.x], { axis })]);
  return w.reduce("ReduceSum", w.emit("Mul", [surprise, w.y]), [axis], false);
};

export const normalize: Writer<Attributes<"normalize">> = (w) => {
  const { centered, deviation } = deviations(w);
  return w.emit("Div", [centered, deviation]);
};

export const inverseDeviation: Writer<Attributes<"inverseDeviation">> = (w) =>
  w.emit("Reciprocal", [deviations(w).deviation]);

/** What is left of the mean, and the root of the mean square with epsilon added. */
function deviations(w: Writing<Attributes<"normalize">>): { centered: string; deviation: string } {
  const { axes, epsilon, center } = w.attributes;
  // The mean of nothing is 0 here.
  const isEmpty = axes.some((axis) => w.shapes[0]![axis] === 0);
  const mean = (x: string): string => w.reduce(isEmpty ? "ReduceSum" : "ReduceMean", x, axes, true);
  const centered = center ? w.emit("Sub", [w.x, mean(w.x)]) : w.x;
  const square = mean(w.emit("Mul", [centered, centered]));
  return { centered, deviation: w.emit("Sqrt", [w.emit("Add", [square, w.number(epsilon)])]) };
}
