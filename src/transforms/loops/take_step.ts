import { message } from "../../_internal/message.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import type { Variable } from "../../variable/mod.ts";
import { variablesIn } from "../core/custom_row.ts";

/** The arguments of a scan. */
export interface ScanCall {
  readonly step: (state: unknown, x: unknown) => readonly [unknown, unknown];
  readonly start: unknown;
  readonly xs: unknown;
  readonly length: number;
  /** The Variables of the state. */
  readonly states: readonly Variable[];
  /** The Variables of the inputs. */
  readonly slices: readonly Variable[];
}

/** Runs a step and checks what it returns. */
export function takeStep(
  { step, states }: ScanCall,
  state: unknown,
  x: unknown,
): { state: Variable[]; tree: unknown; output: unknown } {
  const result = step(state, x);
  if (!Array.isArray(result) || result.length !== 2) {
    throw new TypeError(
      message`Cannot scan: the step must return [state, output], it returned
      ${describeValue(result)}; [] for no output`,
    );
  }
  const next = variablesIn(result[0]);
  const differs = next.length !== states.length ||
    next.some((y, i) =>
      formatShape(y.shape) !== formatShape(states[i]!.shape) || y.dtype !== states[i]!.dtype
    );
  if (differs) {
    const show = (list: readonly Variable[]): string =>
      list.map((y) => `${y.dtype}${formatShape(y.shape)}`).join(", ");
    throw new TypeError(
      message`Cannot scan: the step must return a state like the one it takes,
      ${show(states)}, it returned ${show(next)}`,
    );
  }
  return { state: next, tree: result[0], output: result[1] };
}
