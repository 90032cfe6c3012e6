import { maxArray } from "../../array/reductions.ts";
import type { Primitive } from "../primitive.ts";
import { extremeAlongAxes, type Reduction } from "./reduction.ts";

/** The largest element along axes; ties share the derivative evenly. */
export const max: Primitive<1, Reduction> = extremeAlongAxes(maxArray);
