import type { NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape, sizeOf } from "../../array/shape.ts";
import { ELEMENT_TYPES, elementsText, type ElementType, numberText, typeText } from "./types.ts";

/** A value of the text. */
export interface Tensor {
  /** Its name, with the `%`. */
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
  /** The number that all of its elements are, where that is known. */
  readonly constant?: number;
}

/** What {@linkcode Body.reduce} and the like combine elements by. */
export type Combination = "add" | "multiply" | "maximum" | "minimum" | "and" | "or";

/** What elements are compared by. */
export type Comparison = "EQ" | "NE" | "LT" | "LE" | "GT" | "GE";

/** How a tensor is padded along each axis; a negative number cuts off. */
export interface Padding {
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** How many elements come between two. */
  readonly inner: readonly number[];
}

/** The lines of a function or region, which values are written into. */
export class Body {
  #lines: string[] = [];
  #next = 0;
  #constants = new Map<string, Tensor>();
  /** Truth values that numbers were made of, by the names of the numbers. */
  readonly truths: Map<string, Tensor> = new Map();

  /** The lines so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** A name that no value has. */
  newName(): string {
    return `%${this.#next++}`;
  }

  /** Writes a line that makes no value. */
  line(text: string): void {
    this.#lines.push(text);
  }

  /** Writes a value. */
  value(text: string, shape: Shape, type: ElementType): Tensor {
    const name = this.newName();
    this.#lines.push(`${name} = ${text}`);
    return { name, shape, type };
  }

  /** Writes an operation with operands, and states the types of all. */
  call(operation: string, operands: readonly Tensor[], shape: Shape, type: ElementType, rest = ""): Tensor {
    return this.value(
      `${operation} ${operands.map((o) => o.name).join(", ")}${rest} : ${signature(operands)} -> ${
        typeText(shape, type)
      }`,
      shape,
      type,
    );
  }

  /** An operation whose operands and result are of one type. */
  elementwise(operation: string, ...operands: readonly Tensor[]): Tensor {
    const { shape, type } = operands[0]!;
    const names = operands.map((o) => o.name).join(", ");
    return this.value(`stablehlo.${operation} ${names} : ${typeText(shape, type)}`, shape, type);
  }

  /** A tensor of equal numbers. */
  constant(value: number, shape: Shape, type: ElementType): Tensor {
    const text = `stablehlo.constant dense<${sizeOf(shape) === 0 ? "" : numberText(value, type)}> : ${
      typeText(shape, type)
    }`;
    let known = this.#constants.get(text);
    if (known === undefined) {
      this.#constants.set(text, known = { ...this.value(text, shape, type), constant: value });
    }
    return known;
  }

  /** A tensor of given elements. */
  array({ data, shape, dtype }: NdArray): Tensor {
    const type = ELEMENT_TYPES[dtype];
    const [first] = data;
    if (first === undefined || data.every((x) => Object.is(x, first))) {
      return this.constant(first ?? 0, shape, type);
    }
    return this.value(
      `stablehlo.constant dense<${elementsText(data)}> : ${typeText(shape, type)}`,
      shape,
      type,
    );
  }

  /** The same values in another element type. */
  convert(x: Tensor, type: ElementType): Tensor {
    if (x.type === type) return x;
    if (x.constant !== undefined) return this.constant(x.constant, x.shape, type);
    return this.call("stablehlo.convert", [x], x.shape, type);
  }

  /** A comparison; one with NaN is false but for `NE`. */
  compare(how: Comparison, x: Tensor, y: Tensor): Tensor {
    return this.call(`stablehlo.compare ${how},`, [x, y], x.shape, "i1");
  }

  /** Elements of x where the condition holds, else of y. */
  select(condition: Tensor, x: Tensor, y: Tensor): Tensor {
    return this.value(
      `stablehlo.select ${condition.name}, ${x.name}, ${y.name} : ${typeText(condition.shape, "i1")}, ${
        typeText(x.shape, x.type)
      }`,
      x.shape,
      x.type,
    );
  }

  /** A tensor repeated; axis i of it becomes axis `axes[i]`. By default axes are matched from the last. */
  broadcast(
    x: Tensor,
    shape: Shape,
    axes: readonly number[] = x.shape.map((_, i) => i + shape.length - x.shape.length),
  ): Tensor {
    if (sameShape(x.shape, shape)) return x;
    if (x.constant !== undefined) return this.constant(x.constant, shape, x.type);
    return this.call("stablehlo.broadcast_in_dim", [x], shape, x.type, `, dims = [${axes.join(", ")}]`);
  }

  /** The same elements under another shape. */
  reshape(x: Tensor, shape: Shape): Tensor {
    if (sameShape(x.shape, shape)) return x;
    if (x.constant !== undefined) return this.constant(x.constant, shape, x.type);
    return this.call("stablehlo.reshape", [x], shape, x.type);
  }

  /** The axes in another order. */
  transpose(x: Tensor, axes: readonly number[]): Tensor {
    const shape = axes.map((axis) => x.shape[axis]!);
    return this.call("stablehlo.transpose", [x], shape, x.type, `, dims = [${axes.join(", ")}]`);
  }

  /** Every `step`-th element from `begin` up to `end`, along each axis. */
  slice(
    x: Tensor,
    begin: readonly number[],
    end: readonly number[],
    step: readonly number[] = begin.map(() => 1),
  ): Tensor {
    const shape = begin.map((from, i) => Math.ceil((end[i]! - from) / step[i]!));
    const ranges = begin.map((from, i) => `${from}:${end[i]}${step[i] === 1 ? "" : `:${step[i]}`}`);
    return this.call("stablehlo.slice", [x], shape, x.type, ` [${ranges.join(", ")}]`);
  }

  /** A part of a tensor along one axis. */
  part(x: Tensor, axis: number, from: number, end: number): Tensor {
    return this.slice(
      x,
      x.shape.map((_, i) => i === axis ? from : 0),
      x.shape.map((length, i) => i === axis ? end : length),
    );
  }

  /** The order of the elements turned around along axes. */
  reverse(x: Tensor, axes: readonly number[]): Tensor {
    if (axes.length === 0) return x;
    return this.value(
      `stablehlo.reverse ${x.name}, dims = [${axes.join(", ")}] : ${typeText(x.shape, x.type)}`,
      x.shape,
      x.type,
    );
  }

  /** A tensor with a number around and between its elements. */
  pad(x: Tensor, { low, high, inner }: Padding, value: number): Tensor {
    const shape = x.shape.map((length, i) =>
      low[i]! + high[i]! + length + Math.max(length - 1, 0) * inner[i]!
    );
    const sizes = `, low = [${low.join(", ")}], high = [${high.join(", ")}], interior = [${
      inner.join(", ")
    }]`;
    return this.call("stablehlo.pad", [x, this.constant(value, [], x.type)], shape, x.type, sizes);
  }

  /** A block that starts where integers say. */
  dynamicSlice(x: Tensor, starts: readonly Tensor[], sizes: Shape): Tensor {
    return this.call(
      "stablehlo.dynamic_slice",
      [x, ...starts],
      sizes,
      x.type,
      `, sizes = [${sizes.join(", ")}]`,
    );
  }

  /** A tensor with a block, which starts where integers say, replaced. */
  dynamicUpdate(x: Tensor, block: Tensor, starts: readonly Tensor[]): Tensor {
    return this.call("stablehlo.dynamic_update_slice", [x, block, ...starts], x.shape, x.type);
  }

  /** Tensors joined along an axis. */
  concat(parts: readonly Tensor[], axis: number): Tensor {
    if (parts.length === 1) return parts[0]!;
    const { shape, type } = parts[0]!;
    const length = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    return this.call(
      "stablehlo.concatenate",
      parts,
      shape.map((n, i) => i === axis ? length : n),
      type,
      `, dim = ${axis}`,
    );
  }

  /** The index of each element along an axis. */
  iota(shape: Shape, axis: number, type: ElementType): Tensor {
    return this.value(`stablehlo.iota dim = ${axis} : ${typeText(shape, type)}`, shape, type);
  }

  /** A reduction along axes, which are dropped. */
  reduce(how: Combination, x: Tensor, axes: readonly number[], start: number): Tensor {
    if (axes.length === 0) return x;
    const shape = x.shape.filter((_, i) => !axes.includes(i));
    const init = this.constant(start, [], x.type);
    const types = `${signature([x, init])} -> ${typeText(shape, x.type)}`;
    return this.value(
      `stablehlo.reduce(${x.name} init: ${init.name}) applies stablehlo.${how} across dimensions = [${
        axes.join(", ")
      }] : ${types}`,
      shape,
      x.type,
    );
  }

  /** Writes an operation with regions, in the form that any operation has. */
  withRegions(
    operation: string,
    operands: readonly Tensor[],
    attributes: string,
    regions: readonly (() => void)[],
    results: readonly Pick<Tensor, "shape" | "type">[],
  ): Tensor[] {
    const base = this.newName();
    const names = operands.map((o) => o.name).join(", ");
    const stated = attributes === "" ? "" : ` <{${attributes}}>`;
    const types = results.map(({ shape, type }) => typeText(shape, type)).join(", ");
    const start = `${base}${
      results.length === 1 ? "" : `:${results.length}`
    } = "stablehlo.${operation}"(${names})${stated}`;
    const end = ` : ${signature(operands)} -> (${types})`;
    if (regions.length === 0) this.#lines.push(`${start}${end}`);
    else {
      this.#lines.push(`${start} ({`);
      regions.forEach((write, i) => {
        if (i > 0) this.#lines.push("}, {");
        write();
      });
      this.#lines.push(`})${end}`);
    }
    return results.map(({ shape, type }, i) => ({
      name: results.length === 1 ? base : `${base}#${i}`,
      shape,
      type,
    }));
  }

  /** Writes a region of its own arguments, which sees no value from outside. */
  region(parameters: readonly Pick<Tensor, "shape" | "type">[], write: (args: Tensor[]) => Tensor[]): void {
    const args = parameters.map(({ shape, type }) => ({ name: this.newName(), shape, type }));
    const constants = this.#constants;
    this.#constants = new Map();
    this.#lines.push(`^bb0(${args.map((a) => `${a.name}: ${typeText(a.shape, a.type)}`).join(", ")}):`);
    const results = write(args);
    this.#constants = constants;
    const types = results.map(({ shape, type }) => typeText(shape, type)).join(", ");
    this.#lines.push(`stablehlo.return ${results.map((r) => r.name).join(", ")} : ${types}`);
  }

  /** Takes steps as long as a condition on the state holds. */
  loop(
    state: readonly Tensor[],
    condition: (state: Tensor[]) => Tensor,
    step: (state: Tensor[]) => Tensor[],
  ): Tensor[] {
    return this.withRegions("while", state, "", [
      () => this.region(state, (args) => [condition(args)]),
      () => this.region(state, step),
    ], state);
  }

  /** Takes a number of steps. What is the same for all of them is passed along. */
  repeat(
    count: number,
    state: readonly Tensor[],
    fixed: readonly Tensor[],
    step: (i: Tensor, state: Tensor[], fixed: Tensor[]) => Tensor[],
  ): Tensor[] {
    const start = this.constant(0, [], "i32");
    const found = this.loop(
      [start, ...state, ...fixed],
      ([i]) => this.compare("LT", i!, this.constant(count, [], "i32")),
      ([i, ...values]) => {
        const others = values.slice(state.length);
        const next = step(i!, values.slice(0, state.length), others);
        return [this.elementwise("add", i!, this.constant(1, [], "i32")), ...next, ...others];
      },
    );
    return found.slice(1, 1 + state.length);
  }
}

/** The types of operands, in parentheses. */
function signature(operands: readonly Tensor[]): string {
  return `(${operands.map(({ shape, type }) => typeText(shape, type)).join(", ")})`;
}
