import { ELEMENTWISE } from "./elementwise.ts";
import { INDEXING } from "./indexing.ts";
import { LINEAR_ALGEBRA } from "./linear_algebra.ts";
import { NEURAL } from "./neural.ts";
import type { Reader } from "./reading.ts";
import { RECURRENT } from "./recurrent.ts";
import { REDUCTIONS } from "./reductions.ts";
import { SHAPES } from "./shapes.ts";

/** How each operator of ONNX that is known runs. */
const READERS: ReadonlyMap<string, Reader> = new Map(Object.entries({
  ...ELEMENTWISE,
  ...INDEXING,
  ...LINEAR_ALGEBRA,
  ...NEURAL,
  ...RECURRENT,
  ...REDUCTIONS,
  ...SHAPES,
}));

/** How an operator runs; undefined for one that is not known. */
export function readerOf(operator: string): Reader | undefined {
  return READERS.get(operator);
}
