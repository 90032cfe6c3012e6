// Descent inside descent. The inner one is a loop of scalars of which one compiled round serves all rounds; the
// outer derivative goes through it, forwards or backwards, by the derivative of that round.
import { constant, type Variable } from "../../mod.ts";
import { argmax, argmin, type Mode, MODES } from "./descent.ts";
import type { Evaluation, Prepare } from "./evaluation.ts";
import { Input } from "./input.ts";

type Point = readonly Variable[];

function height([y1, y2]: Point, [x1, x2]: Point): Variable {
  return x1!.square().add(x2!.square()).sub(y1!.square()).sub(y2!.square());
}

/** Finds the lowest x of the highest y, and that y. */
function saddlePoint(start: Point, outer: Mode, inner: Mode): () => number[] {
  const highest = argmax(height, inner);
  const lowest = argmin((x) => height(highest(start, x), x), outer, { isCompiled: false });
  return () => {
    const x = lowest(start, []);
    return [...x, ...highest(start, x)].map((part) => part.item());
  };
}

function inModes(outer: Mode, inner: Mode): Prepare {
  return (input) =>
    saddlePoint([...new Input(input).vector("start", 2)].map((x) => constant(x)), outer, inner);
}

const { f, r } = MODES;
export const saddle: Evaluation = {
  ff: inModes(f, f),
  fr: inModes(f, r),
  rf: inModes(r, f),
  rr: inModes(r, r),
};
