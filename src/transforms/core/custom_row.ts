import { plainValue } from "../../variable/rows.ts";
import { apply } from "../../variable/apply.ts";
import { message } from "../../_internal/message.ts";
import type { DType } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { fullArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import { type CustomRules, operation as op, type RuleContext } from "../../primitives/mod.ts";
import { tape, TRAINABLE } from "../../tape/mod.ts";
import { concat } from "../../functions/mod.ts";
import { mapTree, noGrad, type Tree, Variable } from "../../variable/mod.ts";
import { untracked } from "../../variable/variable.ts";
import { castVariable } from "./differentiable_walks.ts";
import { vmap } from "../vmap.ts";

/** Derivatives of a row that are given rather than derived, by its operands; undefined stands for zero. */
export interface GivenDerivatives {
  /** The cotangent of each operand. */
  vjp(inputs: readonly Variable[], g: Variable): (Variable | undefined)[];
  /** The tangent of the result. */
  jvp(inputs: readonly Variable[], tangents: readonly (Variable | undefined)[]): Variable | undefined;
  /**
   * Computes the result for many examples, where that is not done already by the operations that it was computed with.
   *
   * @param batched Which of the operands have a leading axis of `size` examples
   * @returns The results along a leading axis
   */
  readonly batch?:
    | ((operands: readonly Variable[], batched: readonly boolean[], size: number) => Variable)
    | undefined;
}

/**
 * Records a row with derivatives of its own.
 *
 * @param name The function it stands for, for messages
 * @param operands What the derivatives are by, and what they are computed from
 * @param output The result
 */
export function customRow(
  name: string,
  operands: readonly Variable[],
  output: Variable,
  given: GivenDerivatives,
): Variable {
  const all = [...operands, output];
  return apply(op.custom, all, makeRules(name, output.dtype, all.map((x) => x.dtype), given));
}

/** The rules of a row over any algebra: at once on plain values, or recorded on Variables. */
function makeRules(
  name: string,
  dtype: DType,
  dtypes: readonly DType[],
  given: GivenDerivatives,
): CustomRules {
  return {
    name,
    dtype,
    joint: {
      vjp: <T>(c: RuleContext<T, unknown>, g: T): (T | undefined)[] =>
        overVariables(c.inputs, [g], dtypes, [dtype], (inputs, [ct]) => given.vjp(inputs, ct!)),
      jvp: <T>(c: RuleContext<T, unknown>, tangents: readonly (T | undefined)[]): T | undefined =>
        overVariables(c.inputs, tangents, dtypes, dtypes, (inputs, moved) => [given.jvp(inputs, moved)])[0],
    },
    batch: <T>(c: { inputs: readonly T[]; batched: readonly boolean[]; size: number }): T => {
      const inputs = [...c.inputs] as unknown as Variable[];
      const last = inputs.length - 1;
      const batched = [...c.batched];
      if (given.batch !== undefined) {
        return given.batch(inputs.slice(0, last), batched.slice(0, last), c.size) as T;
      }
      if (!batched[last]) inputs[last] = inputs[last]!.broadcastTo([c.size, ...inputs[last]!.shape]);
      batched[last] = true;
      const many = makeRules(name, dtype, dtypes, batchDerivatives(given, batched));
      return apply(op.custom, inputs, many) as T;
    },
  };
}

/** Runs a rule that is written for Variables on values of any algebra. */
export function overVariables<T>(
  inputs: readonly T[],
  others: readonly (T | undefined)[],
  dtypes: readonly DType[],
  otherTypes: readonly DType[],
  rule: (inputs: Variable[], others: (Variable | undefined)[]) => (Variable | undefined)[],
): (T | undefined)[] {
  const wrap = (x: unknown, dtype: DType): Variable | undefined =>
    x === undefined ? undefined : x instanceof Variable ? x : untracked(x as Value, dtype);
  const values = inputs.map((x, k) => wrap(x, dtypes[k]!)!);
  const rest = others.map((x, k) => wrap(x, otherTypes[k]!));
  if (inputs.some((x) => x instanceof Variable)) return rule(values, rest) as (T | undefined)[];
  const results = noGrad(() => rule(values, rest));
  return results.map((x) => x === undefined ? undefined : plainValue(x) as T);
}

/** The derivatives of a row over a batch: those of one example, mapped. */
function batchDerivatives(given: GivenDerivatives, batched: readonly boolean[]): GivenDerivatives {
  const axes = batched.map((b) => b ? 0 : null);
  return {
    vjp: (inputs, g) => {
      let reached: number[] = [];
      const found = vmap((xs: readonly Variable[], ct: Variable) => {
        const cotangents = given.vjp(xs, ct);
        reached = cotangents.flatMap((x, k) => x === undefined ? [] : [k]);
        return reached.map((k) => cotangents[k]!);
      }, { inAxes: [axes, 0] })(inputs, g) as Variable[];
      const all: (Variable | undefined)[] = inputs.map(() => undefined);
      reached.forEach((k, i) => all[k] = batched[k] ? found[i]! : found[i]!.sum({ axis: 0 }));
      return all;
    },
    jvp: (inputs, tangents) => {
      const moved = tangents.flatMap((t, k) => t === undefined ? [] : [k]);
      if (moved.length === 0) return undefined;
      const result = vmap((xs: readonly Variable[], ts: readonly Variable[]) => {
        const all: (Variable | undefined)[] = xs.map(() => undefined);
        moved.forEach((k, i) => all[k] = ts[i]);
        const tangent = given.jvp(xs, all);
        return tangent === undefined ? [] : [tangent];
      }, { inAxes: [axes, moved.map((k) => axes[k]!)] })(inputs, moved.map((k) => tangents[k]!));
      return (result as Variable[])[0];
    },
  };
}

/** Several outputs in one array, as a row has one result. */
export interface Packing {
  /** All outputs, one after the other; the output itself if there is only one. */
  readonly packed: Variable;
  /** Takes a packed array apart. */
  unpack(packed: Variable): Variable[];
}

/** Packs outputs into one array. */
export function pack(outputs: readonly Variable[]): Packing {
  if (outputs.length === 1) {
    return { packed: apply(op.identity, [outputs[0]!], undefined), unpack: (y) => [y] };
  }
  const types = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const dtype = types.some((t) => t.dtype === "float64") ? "float64" : "float32";
  const flat = outputs.map((y) => castVariable(y.reshape([y.size]), dtype));
  return {
    packed: flat.length === 0 ? untracked(0, "float64") : concat(flat),
    unpack: (packed) => {
      let at = 0;
      return types.map((t) => {
        const size = sizeOf(t.shape);
        const part = packed.slice(at, size).reshape(t.shape);
        at += size;
        return castVariable(part, t.dtype);
      });
    },
  };
}

/** Packs outputs of many examples, which lie along a leading axis, as {@linkcode pack} does those of each. */
export function packBatch(outputs: readonly Variable[], size: number): Variable {
  if (outputs.length === 1) return outputs[0]!;
  const dtype = outputs.some((y) => y.dtype === "float64") ? "float64" : "float32";
  const flat = outputs.map((y) => castVariable(y.reshape([size, sizeOf(y.shape.slice(1))]), dtype));
  return flat.length === 0
    ? untracked(fullArray([size], 0, "float64"), "float64")
    : concat(flat, { axis: 1 });
}

/** The Variables in a tree, in order. */
export function variablesIn(tree: unknown): Variable[] {
  const found: Variable[] = [];
  mapTree(tree as Tree<unknown>, (leaf) => {
    if (leaf instanceof Variable) found.push(leaf);
  });
  return found;
}

/** A tree with other Variables in place of its own, in order. */
export function withVariables(tree: unknown, variables: readonly Variable[]): unknown {
  let next = 0;
  return mapTree(
    tree as Tree<unknown>,
    (leaf) => leaf instanceof Variable ? variables[next++]! : leaf,
  );
}

/**
 * Checks that a function with given derivatives has used no recorded Variable but its arguments: derivatives by
 * others would be lost.
 */
export function checkClosed(name: string, mark: number, allowed: ReadonlySet<number>): void {
  for (let row = mark; row < tape.length; row++) {
    if (tape.opcodes[row] === op.stopGradient.opcode) continue;
    const outer = tape.opcodes[row] === TRAINABLE
      ? row
      : tape.operandsOf(row).find((operand) => operand < mark && !allowed.has(operand));
    if (outer === undefined || allowed.has(outer)) continue;
    throw new TypeError(
      message`Cannot give ${name} derivatives of its own: the function uses
      ${tape.nameOf(outer) ?? "a Variable"} from outside, of which the derivative would be lost; pass it as
      an argument, or use stopGradient()`,
    );
  }
}
