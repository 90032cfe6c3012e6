import { message } from "../../_internal/message.ts";
import { searchSortedArray } from "../../array/sorting.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** Where values would go into an ascending row: before elements equal to them, or after. */
export const searchSorted: Primitive<2, { readonly right: boolean }> = {
  arity: 2,
  shape: ([sorted, values]) => {
    if (sorted.length === 1) return values;
    throw new TypeError(
      message`Cannot search an array of shape ${sorted}: the sorted operand must have one
      axis`,
    );
  },
  forward: ([sorted, values], { right }) => searchSortedArray(toArray(sorted).data, toArray(values), right),
  vjp: [null, null],
  jvp: [null, null],
  // float32 counts no further than 2 ** 24.
  dtype: () => "float64",
  samples: [
    { shapes: [[4], [3]], attributes: { right: false } },
    { shapes: [[4], [2, 3]], attributes: { right: true } },
    { shapes: [[0], [2]], attributes: { right: false } },
    { shapes: [[3], []], attributes: { right: false } },
  ],
};
