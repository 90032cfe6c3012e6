import { minArray } from "../../array/reductions.ts";
import type { Primitive } from "../primitive.ts";
import { extremeAlongAxes, type Reduction } from "./reduction.ts";

/** The smallest element along axes; ties share the derivative evenly. */
export const min: Primitive<1, Reduction> = extremeAlongAxes(minArray);
