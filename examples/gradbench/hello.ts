// One number in, one number out: the derivative is taken on the scalar itself, which records one row.
import { constant, grad, type Variable } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { readNumber } from "./input.ts";

function square(x: Variable): Variable {
  return x.square();
}

export const hello: Evaluation = {
  square: (input) => {
    const x = constant(readNumber(input));
    return () => square(x).item();
  },
  double: (input) => {
    const x = readNumber(input);
    return () => grad(square)(x);
  },
};
