import fixture from "../fixtures/pytorch/index.json" with { type: "json" };
import {
  addAlongAxis,
  argSort,
  at,
  broadcastTo,
  clipByNorm,
  concat,
  diagonal,
  flip,
  gather,
  type IndexRange,
  maskedFill,
  pad,
  permute,
  roll,
  slidingWindow,
  sort,
  split,
  squeeze,
  stack,
  takeAlongAxis,
  tile,
  tril,
  unstack,
} from "../../mod.ts";
import { testCases } from "./pytorch.ts";

/** A slice of the fixture: start, stop and step, null for the default. */
function readRange([start, stop, step]: readonly (number | null)[]): IndexRange {
  return {
    ...(start === null ? {} : { start }),
    ...(stop === null ? {} : { stop }),
    ...(step === null ? {} : { step }),
  } as IndexRange;
}

testCases(fixture, {
  gather: ([x, indices], { axis }) => takeAlongAxis(x!, indices!, { axis }),
  scatterAdd: ([x, indices, values], { axis }) => addAlongAxis(x!, indices!, values!, { axis }),
  indexSelect: ([x, indices], { axis }) => gather(x!, indices!, { axis }),
  advancedIndex: ([x, rows, columns]) => at(x!, rows!, columns!).get(),
  slice: ([x], { slices }) => at(x!, ...slices.map(readRange)).get(),
  concat: (list, { axis }) => concat(list, { axis }),
  stack: (list, { axis }) => stack(list, { axis }),
  split: ([x], { sizes, axis }) => split(x!, sizes, { axis }),
  unstack: ([x], { axis }) => unstack(x!, { axis }),
  pad: ([x], { pad: widths, mode, value }) =>
    pad(x!, widths, mode === "replicate" ? { mode: "edge" } : { mode, value }),
  flip: ([x], { axes }) => flip(x!, { axis: axes }),
  roll: ([x], { shifts, axes }) => roll(x!, shifts, axes === null ? {} : { axis: axes }),
  permute: ([x], { perm }) => permute(x!, perm),
  squeeze: ([x], { axis }) => squeeze(x!, axis),
  broadcastTo: ([x], { shape }) => broadcastTo(x!, shape),
  tile: ([x], { reps }) => tile(x!, reps),
  tril: ([x], { k }) => tril(x!, { offset: k }),
  diagonal: ([x], { k }) => diagonal(x!, { offset: k }),
  maskedFill: ([x, mask], { value }) => maskedFill(x!, mask!, value),
  sort: ([x], { axis, descending }) => sort(x!, { axis, descending }),
  argsort: ([x], { axis }) => argSort(x!, { axis }),
  slidingWindow: ([x], { size, step }) => slidingWindow(x!, size, { step }),
  clipByNorm: ([x], { max_norm }) => clipByNorm(x!, max_norm),
});
