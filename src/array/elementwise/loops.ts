import { allocate, type DType, type FloatArray } from "../dtype.ts";
import type { Value } from "../value.ts";
import { CAN_COMPILE, compileFunction, evaluator, type Expression, toJavaScript } from "./expression.ts";
import { NdArray } from "../nd_array.ts";
import { broadcastStrides, mergeAxes, sameShape, type Shape, sizeOf } from "../shape.ts";

/** A formula over plain numbers, made from an expression. */
export type ScalarFunction = (...inputs: number[]) => number;

/** Makes the function of plain numbers that an expression describes. */
export function scalarFunction(expression: Expression, inputCount: number): ScalarFunction {
  if (!CAN_COMPILE) {
    const evaluate = evaluator(expression, inputCount);
    return (...inputs) => evaluate(inputs);
  }
  const inputs = Array.from({ length: inputCount }, (_, i) => `x${i}`);
  const { statements, result } = toJavaScript(expression, inputs);
  return compileFunction(inputs, `${statements}return ${result};`) as ScalarFunction;
}

/** Applies an expression to every element of operands that broadcast to `shape`. */
export type ElementwiseKernel = (inputs: readonly Value[], shape: Shape, dtype: DType) => NdArray;

/**
 * A compiled double loop. Of each operand it takes the buffer (or number), the start, and the stride of the
 * outer loop; the stride of the inner loop, 0 or 1, is part of the code.
 */
type Loop = (out: FloatArray, start: number, rows: number, columns: number, ...operands: unknown[]) => void;

/** Makes a kernel; its loops are compiled when a combination of dtypes and strides is first met. */
export function elementwiseKernel(expression: Expression, inputCount: number): ElementwiseKernel {
  const loops = new Map<string, Loop>();
  const loopFor = (key: string): Loop => {
    let loop = loops.get(key);
    if (loop === undefined) loops.set(key, loop = compileLoop(expression, inputCount, key));
    return loop;
  };
  return function elementwise(inputs, shape, dtype) {
    const size = sizeOf(shape);
    const out = allocate(dtype, size);
    const result = new NdArray(out, shape);
    if (size === 0) return result;
    let key = dtype === "float64" ? "d" : "f";
    let uniform = true;
    const operands: unknown[] = [];
    for (let k = 0; k < inputCount; k++) {
      const input = inputs[k]!;
      if (typeof input === "number") {
        key += "n";
        operands.push(input, 0, 0);
      } else if (input.data.length === size && sameShape(input.shape, shape)) {
        key += input.data instanceof Float64Array ? "D" : "F";
        operands.push(input.data, 0, 0);
      } else if (input.data.length === 1) {
        key += "n";
        operands.push(input.data[0], 0, 0);
      } else {
        uniform = false;
        break;
      }
    }
    if (uniform) loopFor(key)(out, 0, 1, size, ...operands);
    else broadcastLoops(loopFor, inputs, shape, dtype, out);
    return result;
  };
}

/** Runs the double loop over the two innermost merged axes, and steps through the others. */
function broadcastLoops(
  loopFor: (key: string) => Loop,
  inputs: readonly Value[],
  shape: Shape,
  dtype: DType,
  out: FloatArray,
): void {
  const { lengths, strides } = mergeAxes(
    shape,
    inputs.map((x) => typeof x === "number" ? shape.map(() => 0) : broadcastStrides(x.shape, shape)),
  );
  const inner = lengths.length - 1;
  const columns = lengths[inner]!;
  const rows = inner > 0 ? lengths[inner - 1]! : 1;
  let key = dtype === "float64" ? "d" : "f";
  inputs.forEach((x, k) => {
    if (typeof x === "number") key += "n";
    else if (strides[k]![inner] === 0) key += x.data instanceof Float64Array ? "B" : "A";
    else key += x.data instanceof Float64Array ? "D" : "F";
  });
  const loop = loopFor(key);
  const outerStride = inputs.map((_, k) => inner > 0 ? strides[k]![inner - 1]! : 0);
  const index = new Array<number>(Math.max(0, inner - 1)).fill(0);
  const starts = inputs.map(() => 0);
  for (let start = 0; start < out.length; start += rows * columns) {
    loop(
      out,
      start,
      rows,
      columns,
      ...inputs.flatMap((x, k) => [typeof x === "number" ? x : x.data, starts[k], outerStride[k]]),
    );
    for (let axis = index.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      starts.forEach((s, k) => starts[k] = s + strides[k]![axis]!);
      if (index[axis]! < lengths[axis]!) break;
      starts.forEach((s, k) => starts[k] = s - strides[k]![axis]! * lengths[axis]!);
      index[axis] = 0;
    }
  }
}

/**
 * Writes and compiles one double loop. The key has a letter for the output (d or f: float64 or float32) and
 * one for each operand: n a number, D or F an array read along the row, B or A one element for a whole row.
 * The letters of dtype keep each compiled loop to one kind of buffer, which the engine optimises best.
 */
function compileLoop(expression: Expression, inputCount: number, key: string): Loop {
  if (!CAN_COMPILE) return steppedLoop(expression, inputCount, key);
  const parameters: string[] = [];
  const elements: string[] = [];
  let perRow = "";
  let perElement = "";
  for (let k = 0; k < inputCount; k++) {
    const kind = key[k + 1]!;
    parameters.push(`x${k}`, `p${k}`, `s${k}`);
    elements.push(kind === "n" ? `x${k}` : `e${k}`);
    if (kind === "B" || kind === "A") perRow += `const e${k} = x${k}[p${k} + r * s${k}]; `;
    else if (kind !== "n") {
      perRow += `const q${k} = p${k} + r * s${k}; `;
      perElement += `const e${k} = x${k}[q${k} + c]; `;
    }
  }
  const { statements, result } = toJavaScript(expression, elements);
  return compileFunction(
    ["out", "start", "rows", "columns", ...parameters],
    `for (let r = 0; r < rows; r++) { ${perRow}const o = start + r * columns; ` +
      `for (let c = 0; c < columns; c++) { ${perElement}${statements}out[o + c] = ${result}; } }`,
  ) as Loop;
}

/** The loop of {@linkcode compileLoop}, without making code. */
function steppedLoop(expression: Expression, inputCount: number, key: string): Loop {
  const evaluate = evaluator(expression, inputCount);
  const kinds = Array.from({ length: inputCount }, (_, k) => key[k + 1]!);
  const inputs = new Float64Array(inputCount);
  return (out, start, rows, columns, ...operands) => {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        kinds.forEach((kind, k) => {
          const [x, first, stride] = operands.slice(3 * k, 3 * k + 3) as [
            FloatArray | number,
            number,
            number,
          ];
          if (typeof x === "number") inputs[k] = x;
          else inputs[k] = x[first + r * stride + (kind === "A" || kind === "B" ? 0 : c)]!;
        });
        out[start + r * columns + c] = evaluate(inputs);
      }
    }
  };
}
