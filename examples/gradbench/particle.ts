// A step is a few dozen operations on scalars, with a derivative among them. It is recorded and compiled once, the
// inner derivative included; the outer one runs the derivative of that step over all steps.
import { constant, type Variable, whileLoop } from "../../mod.ts";
import { argmin, type Mode, MODES } from "./descent.ts";
import type { Evaluation, Prepare } from "./evaluation.ts";
import { Input } from "./input.ts";

const STEP = 0.1;

type Point = readonly Variable[];

interface Flight {
  /** Where the particle is, and how fast it is on the way there and from there. */
  readonly x: Point;
  readonly before: Point;
  readonly v: Point;
  /** Which moves one of the two charges. */
  readonly w: Variable;
}

function inverseDistance([x1, x2]: Point, y1: number, y2: Variable | number): Variable {
  return x1!.sub(y1).square().add(x2!.sub(y2).square()).sqrt().reciprocal();
}

function potential(x: Point, [w]: Point): Variable {
  return inverseDistance(x, 10, w!.neg().add(10)).add(inverseDistance(x, 10, 0));
}

/** The square of where the particle meets the ground. */
function makeLanding(inner: Mode): (w: Variable) => Variable {
  const slope = inner(potential);
  const fly = whileLoop(
    ({ x }: Flight) => x[1]!.gt(0),
    ({ x, v, w }: Flight): Flight => {
      const rise = slope(x, [w]);
      return {
        x: x.map((part, i) => part.add(v[i]!.mul(STEP))),
        before: v,
        v: v.map((part, i) => part.sub(rise[i]!.mul(STEP))),
        w,
      };
    },
  );
  const [zero, height, speed] = [0, 8, 0.75].map((number) => constant(number)) as [
    Variable,
    Variable,
    Variable,
  ];
  return (w) => {
    const { x, before } = fly({ x: [zero, height], before: [speed, zero], v: [speed, zero], w });
    return x[0]!.sub(x[1]!.div(before[1]!).mul(before[0]!)).square();
  };
}

function inModes(outer: Mode, inner: Mode): Prepare {
  return (input) => {
    const w = constant(new Input(input).number("w"));
    const landing = makeLanding(inner);
    const best = argmin(([w]) => landing(w!), outer, { isCompiled: false });
    return () => best([w], [])[0]!.item();
  };
}

const { f, r } = MODES;
export const particle: Evaluation = {
  ff: inModes(f, f),
  fr: inModes(f, r),
  rf: inModes(r, f),
  rr: inModes(r, r),
};
