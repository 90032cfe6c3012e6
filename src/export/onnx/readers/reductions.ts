import { argMax, argMin, cumSum, logSoftmax, softmax } from "../../../functions/mod.ts";
import type { Variable } from "../../../variable/mod.ts";
import type { Reader, Reading } from "./reading.ts";

type Options = { readonly axis: readonly number[]; readonly keepDims: boolean };

/** A reduction: its axes are an attribute in older versions, and an input in newer ones. */
const reduction = (f: (x: Variable, options: Options) => Variable): Reader => (r) => {
  const stated = r.numbersOr(1, "axes");
  if ((stated === undefined || stated.length === 0) && r.flag("noop_with_empty_axes")) return r.value(0);
  const every = r.x.shape.map((_, i) => i);
  const axis = stated === undefined || stated.length === 0
    ? every
    : stated.map((each) => r.countedAxis(each));
  return r.like(f(r.x, { axis, keepDims: r.flag("keepdims", true) }));
};

/** The product along several axes, one after the other. */
function prod(x: Variable, { axis, keepDims }: Options): Variable {
  return axis.toSorted((a, b) => b - a).reduce((y, each) => y.prod({ axis: each, keepDims }), x);
}

const position = (f: typeof argMax): Reader => (r) => {
  if (r.flag("select_last_index")) throw r.unsupported("the last of equal elements");
  const axis = r.axis(0);
  const found = f(r.x, { axis });
  return { x: r.flag("keepdims", true) ? found.expandDims(axis) : found, type: "int64" };
};

/** Along one axis; before version 13 along all from that on. */
const normalized = (f: typeof softmax): Reader => (r) => {
  if (r.opset >= 13) return r.like(f(r.x, { axis: r.axis(-1) }));
  const axis = r.axis(1);
  const rows = r.x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  return r.like(f(r.x.reshape([rows, -1]), { axis: 1 }).reshape(r.x.shape));
};

const cumulated = (r: Reading): Variable => {
  const axis = r.countedAxis(r.numbers(1)[0] ?? 0);
  const reverse = r.flag("reverse");
  const sums = cumSum(r.x, { axis, reverse });
  return r.flag("exclusive") ? sums.sub(r.x) : sums;
};

/** Operators that run along axes. */
export const REDUCTIONS: Readonly<Record<string, Reader>> = {
  ArgMax: position(argMax),
  ArgMin: position(argMin),
  CumSum: (r) => r.like(cumulated(r)),
  LogSoftmax: normalized(logSoftmax),
  ReduceL1: reduction((x, o) => x.abs().sum(o)),
  ReduceL2: reduction((x, o) => x.norm(o)),
  ReduceLogSum: reduction((x, o) => x.sum(o).log()),
  ReduceLogSumExp: reduction((x, o) => x.logSumExp(o)),
  ReduceMax: reduction((x, o) => x.max(o)),
  ReduceMean: reduction((x, o) => x.mean(o)),
  ReduceMin: reduction((x, o) => x.min(o)),
  ReduceProd: reduction(prod),
  ReduceSum: reduction((x, o) => x.sum(o)),
  ReduceSumSquare: reduction((x, o) => x.square().sum(o)),
  Softmax: normalized(softmax),
};
