import { gather, gatherND, oneHot, takeAlongAxis, topK, where } from "../../../functions/mod.ts";
import { operation as op } from "../../../primitives/mod.ts";
import { apply } from "../../../variable/apply.ts";
import type { Variable } from "../../../variable/mod.ts";
import type { Reader, Reading } from "./reading.ts";

/** Indices counted from the first element: negative ones count from the end. */
function counted(indices: Variable, length: number): Variable {
  return where(indices.lt(0), indices.add(length), indices);
}

/** Single elements along an axis; the indices may be shorter than x on the others. */
const gatherElements: Reader = (r) => {
  const axis = r.axis(0);
  const size = r.x.shape.map((length, i) => i === axis ? length : r.y.shape[i]!);
  const part = r.x.slice(size.map(() => 0), size);
  return r.like(takeAlongAxis(part, counted(r.y, r.x.shape[axis]!), { axis }));
};

const scatterElements: Reader = (r) => {
  const axis = r.axis(0);
  const { shape } = r.x;
  const indices = counted(r.y, shape[axis]!);
  const values = r.variable(2);
  if (r.y.shape.some((length, i) => i !== axis && length !== shape[i])) {
    throw r.unsupported("indices that are shorter than the data on other axes");
  }
  const reduction = r.text("reduction", "none");
  if (reduction === "none") return r.like(apply(op.assignAlongAxis, [r.x, indices, values], { axis }));
  if (reduction !== "add") throw r.unsupported(`the reduction ${reduction}`);
  return r.like(r.x.add(apply(op.addAlongAxis, [values, indices], { axis, shape })));
};

const oneHotValues: Reader = (r) => {
  const [depth] = r.numbers(1);
  const [off, on] = r.numbers(2);
  const rank = r.x.rank + 1;
  const axis = r.axis(-1, rank);
  r.checkedShape([...r.x.shape, depth!]);
  const hot = oneHot(counted(r.x, depth!), depth!, { dtype: r.variable(2).dtype });
  const order = Array.from({ length: rank - 1 }, (_, i) => i);
  order.splice(axis, 0, rank - 1);
  return r.like(hot.mul(on! - off!).add(off!).permute(order), 2);
};

const largest: Reader = (r) => {
  const axis = r.axis(-1);
  const [k] = r.numbersOr(1, "k") ?? [r.number("k", 1)];
  const found = topK(r.flag("largest", true) ? r.x : r.x.neg(), k!, { axis });
  const values = r.flag("largest", true) ? found.values : found.values.neg();
  return [r.like(values), { x: found.indices, type: "int64" }];
};

const gatherSlices = (r: Reading): Variable => {
  const axis = r.axis(0);
  return gather(r.x, counted(r.y, r.x.shape[axis]!), { axis });
};

/** Operators that take elements by their indices. */
export const INDEXING: Readonly<Record<string, Reader>> = {
  Gather: (r) => r.like(gatherSlices(r)),
  GatherElements: gatherElements,
  GatherND: (r) => {
    if (r.number("batch_dims", 0) !== 0) throw r.unsupported("batch_dims");
    return r.like(gatherND(r.x, r.y));
  },
  OneHot: oneHotValues,
  ScatterElements: scatterElements,
  TopK: largest,
};
