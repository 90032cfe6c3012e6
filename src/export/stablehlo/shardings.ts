import { message } from "../../_internal/message.ts";
import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { checkOptions } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";

/** For each axis of an array the axis of the mesh that it is split along; null, or nothing, for whole axes. */
export type Split = readonly (string | null)[];

/** How arguments and results lie on many devices. */
export interface Shardings {
  /** The axes of the mesh with their lengths, in order: `{ data: 4, model: 2 }` for eight devices. */
  readonly mesh: Readonly<Record<string, number>>;
  /**
   * How inputs are split, by their names, or by the start of names up to a `/`. What is not named is whole on all devices.
   */
  readonly inputs?: Readonly<Record<string, Split>>;
  /** How outputs are split. One that is not named is split as the input of its name is. */
  readonly outputs?: Readonly<Record<string, Split>>;
}

/** A value that is split. */
interface NamedValue {
  readonly name: string;
  readonly shape: Shape;
}

/** Shardings as the text has them. */
export interface ShardingTexts {
  /** The line that defines the mesh. */
  readonly mesh: string;
  readonly devices: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Reads how values are split.
 *
 * @throws {TypeError} If a name is not that of a value, or an axis not of the mesh
 * @throws {RangeError} If lengths do not fit
 */
export function readShardings(
  shardings: Shardings,
  inputs: readonly NamedValue[],
  outputs: readonly NamedValue[],
): ShardingTexts {
  checkOptions("toStableHlo", shardings, ["mesh", "inputs", "outputs"]);
  if (!isPlainObject(shardings.mesh)) {
    throw new TypeError(
      message`Cannot split arrays over the mesh ${
        describeValue(shardings.mesh)
      }: name its axes with their lengths, as in
      { data: 8 }`,
    );
  }
  const { mesh, inputs: inputSplits = {}, outputs: outputSplits = {} } = shardings;
  const axes = Object.entries(mesh);
  for (const [axis, length] of axes) {
    if (Number.isSafeInteger(length) && length > 0) continue;
    throw new RangeError(
      message`Cannot split arrays: the axis ${
        describeValue(axis)
      } of the mesh has length ${length}, lengths are positive
      integers`,
    );
  }
  checkKnown("inputs", inputSplits, inputs);
  checkKnown("outputs", outputSplits, outputs);
  const text = (value: NamedValue, split: Split): string => {
    checkSplit(value, split, mesh);
    const parts = value.shape.map((_, i) => split[i] ? `{${JSON.stringify(split[i])}}` : "{}");
    return `sdy.sharding = #sdy.sharding<@mesh, [${parts.join(", ")}]>`;
  };
  const inputOf = (value: NamedValue): Split => splitOf(inputSplits, value.name) ?? [];
  const isInput = new Set(inputs.map(({ name }) => name));
  return {
    mesh: `sdy.mesh @mesh = <[${axes.map(([axis, n]) => `${JSON.stringify(axis)}=${n}`).join(", ")}]>`,
    devices: axes.reduce((product, [, length]) => product * length, 1),
    inputs: inputs.map((value) => text(value, inputOf(value))),
    outputs: outputs.map((value) =>
      text(value, splitOf(outputSplits, value.name) ?? (isInput.has(value.name) ? inputOf(value) : []))
    ),
  };
}

/** What is said of a name: of itself, or of the longest start of it. */
function splitOf(splits: Readonly<Record<string, Split>>, name: string): Split | undefined {
  for (let start = name; start !== ""; start = start.slice(0, Math.max(start.lastIndexOf("/"), 0))) {
    if (Object.hasOwn(splits, start)) return splits[start];
  }
  return undefined;
}

function checkKnown(
  which: "inputs" | "outputs",
  splits: Readonly<Record<string, Split>>,
  values: readonly NamedValue[],
): void {
  for (const [name, split] of Object.entries(splits)) {
    if (!Array.isArray(split) || !split.every((axis) => axis === null || typeof axis === "string")) {
      throw new TypeError(
        message`Cannot split ${describeValue(name)} along ${
          describeValue(split)
        }: state for each axis of the array an axis of the mesh or null`,
      );
    }
    if (values.some((value) => value.name === name || value.name.startsWith(`${name}/`))) continue;
    throw new TypeError(
      message`Cannot split ${describeValue(name)}: the ${which} are ${
        values.map((value) => value.name).join(", ")
      }`,
    );
  }
}

function checkSplit({ name, shape }: NamedValue, split: Split, mesh: Readonly<Record<string, number>>): void {
  if (split.length > shape.length) {
    throw new TypeError(
      message`Cannot split ${
        describeValue(name)
      } of shape ${shape} along ${split.length} axes: it has ${shape.length}`,
    );
  }
  const used = split.filter((axis) => axis !== null);
  const twice = used.find((axis, i) => used.indexOf(axis) !== i);
  if (twice !== undefined) {
    throw new TypeError(
      message`Cannot split ${describeValue(name)} twice along ${
        describeValue(twice)
      }: each axis of the mesh splits one
      axis of an array`,
    );
  }
  split.forEach((axis, i) => {
    if (axis === null) return;
    const length = mesh[axis];
    if (length === undefined || !Object.hasOwn(mesh, axis)) {
      throw new TypeError(
        message`Cannot split ${describeValue(name)} along ${describeValue(axis)}: the mesh has the axes
        ${Object.keys(mesh).join(", ")}`,
      );
    }
    if (shape[i]! % length === 0) return;
    throw new RangeError(
      message`Cannot split ${
        describeValue(name)
      } of shape ${shape}: axis ${i} has length ${shape[i]!}, which is no
      multiple of the ${length} devices along ${describeValue(axis)}`,
    );
  });
}
