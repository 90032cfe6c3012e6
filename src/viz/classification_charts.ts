import { message } from "../_internal/message.ts";
import { checkOptions, readFunction, readList } from "../_internal/readers/mod.ts";
import { describeValue } from "../_internal/format.ts";
import "../functions/mod.ts"; // attaches the methods of the Variables that are handed to predict
import { constant } from "../variable/creation.ts";
import type { Operand, Variable } from "../variable/mod.ts";
import { toVariable } from "../variable/operands.ts";
import { type ChartOptions, COLORS, drawChart, readFrame, readLists, spread } from "./chart.ts";

/** A class has at least one example; more classes than this can't be told apart in a picture. */
const MOST_CLASSES = 100;
/** More points than this are not drawn one by one. */
const MOST_POINTS = 2000;
/** Places a side at which a boundary is looked for. */
const GRID = 80;

/** Options of pictures of classes. */
export interface ClassOptions extends ChartOptions {
  /** The names of the classes, in the order of their numbers; by default the numbers. */
  readonly classes?: readonly string[];
}

/**
 * How often each class was taken for each: a square of counts, rows the labels, columns the predictions, shaded by the
 * share of the row.
 *
 * @param labels Numbers of classes, whole numbers from 0
 * @param predictions Numbers of classes, as many
 * @param options Names of the classes, title, size (by default at least 44 pixels a class)
 * @returns SVG text
 * @throws {TypeError} If there are none, not as many of both, or one is no class
 *
 * @example
 * ```ts
 * import { confusionMatrixChart } from "@tapegrad/tapegrad/viz";
 *
 * const svg = await confusionMatrixChart([0, 0, 1, 1], [0, 1, 1, 1], { classes: ["cat", "dog"] });
 * console.log(svg.includes("cat")); // true
 * ```
 */
export async function confusionMatrixChart(
  labels: Operand,
  predictions: Operand,
  options: ClassOptions = {},
): Promise<string> {
  const what = "confusionMatrixChart";
  const lists = readLists(what, { labels, predictions });
  const { names, frame } = readClasses(what, options, [...lists.labels, ...lists.predictions]);
  // A cell is as wide as the longest name, which stands below it.
  const cell = Math.max(44, 8 * Math.max(...names.map((name) => name.length)));
  const side = Math.max(120, cell * names.length);
  const { title, width, height } = readFrame(what, frame, { width: side, height: side });
  const counts = names.map(() => new Array<number>(names.length).fill(0));
  lists.labels.forEach((label, i) => counts[label]![lists.predictions[i]!]!++);
  const values = counts.flatMap((row, label) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((count, prediction) => ({
      label: names[label]!,
      prediction: names[prediction]!,
      count,
      share: total === 0 ? 0 : count / total,
    }));
  });
  const axis = (field: string, name: string): object => ({
    field,
    type: "nominal",
    sort: names,
    axis: { title: name, labelAngle: 0, domain: false, ticks: false },
  });
  return await drawChart({
    title,
    width,
    height,
    data: { values },
    encoding: { x: axis("prediction", "prediction"), y: axis("label", "label") },
    layer: [
      {
        mark: { type: "rect", stroke: "white" },
        encoding: {
          color: {
            field: "share",
            type: "quantitative",
            scale: { domain: [0, 1], range: ["#f2f6fa", COLORS[0]!] },
            legend: { title: "share of the label", format: "%" },
          },
        },
      },
      {
        mark: { type: "text" },
        encoding: {
          text: { field: "count" },
          color: { condition: { test: "datum.share > 0.6", value: "white" }, value: "#1f2937" },
        },
      },
    ],
  });
}

/**
 * How well scores tell two classes apart at every threshold: the share of examples of class 1 that lie above it against
 * that of class 0, with the area under the curve in the title (Fawcett, "An introduction to ROC analysis", 2006).
 *
 * @param labels 0 or 1
 * @param scores As many; larger ones speak for class 1
 * @param options Title, size (320 by 320 pixels by default)
 * @returns SVG text
 * @throws {TypeError} If a label is neither 0 nor 1, or there is one class only
 *
 * @example
 * ```ts
 * import { rocChart } from "@tapegrad/tapegrad/viz";
 *
 * const svg = await rocChart([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * console.log(svg.includes("0.750")); // true
 * ```
 */
export async function rocChart(
  labels: Operand,
  scores: Operand,
  options: ChartOptions = {},
): Promise<string> {
  const what = "rocChart";
  const lists = readLists(what, { labels, scores });
  const frame = readFrame(what, options, { width: 320, height: 320 });
  const { points, area } = rocOf(lists.labels, lists.scores);
  const values = spread(points.length, MOST_POINTS).map((i) => points[i]!);
  if (values.at(-1) !== points.at(-1)) values.push(points.at(-1)!);
  return await drawChart({
    ...frame,
    title: `${frame.title === "" ? "" : `${frame.title}: `}area under the curve ${area.toFixed(3)}`,
    layer: [
      {
        data: { values: [{ wrong: 0, right: 0 }, { wrong: 1, right: 1 }] },
        mark: { type: "line", color: "#9ca3af", strokeDash: [4, 4] },
        encoding: {
          x: { field: "wrong", type: "quantitative" },
          y: { field: "right", type: "quantitative" },
        },
      },
      {
        data: { values },
        mark: { type: "line", color: COLORS[0], strokeWidth: 2 },
        encoding: {
          x: {
            field: "wrong",
            type: "quantitative",
            scale: { domain: [0, 1] },
            axis: { title: "share of class 0 above the threshold" },
          },
          y: {
            field: "right",
            type: "quantitative",
            scale: { domain: [0, 1] },
            axis: { title: "share of class 1 above the threshold" },
          },
          order: { field: "at", type: "quantitative" },
        },
      },
    ],
  });
}

interface RocPoint {
  readonly at: number;
  readonly wrong: number;
  readonly right: number;
}

/** The curve, and the area under it by trapezoids; equal scores are passed at once. */
function rocOf(labels: ArrayLike<number>, scores: ArrayLike<number>): { points: RocPoint[]; area: number } {
  const order = Array.from({ length: labels.length }, (_, i) => i).sort((i, j) => scores[j]! - scores[i]!);
  let ones = 0;
  for (const i of order) {
    if (labels[i] !== 0 && labels[i] !== 1) {
      throw new TypeError(message`Cannot draw rocChart: a label is ${labels[i]!}, expected 0 or 1`);
    }
    ones += labels[i]!;
  }
  if (ones === 0 || ones === order.length) {
    throw new TypeError(
      message`Cannot draw rocChart: all labels are ${ones === 0 ? 0 : 1}, expected both classes`,
    );
  }
  const points: RocPoint[] = [{ at: 0, wrong: 0, right: 0 }];
  let [wrong, right, area] = [0, 0, 0];
  order.forEach((i, at) => {
    if (labels[i] === 1) right++;
    else wrong++;
    if (at + 1 < order.length && scores[order[at + 1]!] === scores[i]) return;
    const point = { at: at + 1, wrong: wrong / (order.length - ones), right: right / ones };
    const before = points.at(-1)!;
    area += (point.wrong - before.wrong) * (point.right + before.right) / 2;
    points.push(point);
  });
  return { points, area };
}

/**
 * The boundary that a model has found in a plane: the colour of each place is the class that it is taken for, the points
 * are examples with their labels.
 *
 * @param points `[rows, 2]`
 * @param labels Numbers of classes, whole numbers from 0, one a row
 * @param predict Takes places `[n, 2]` and gives the shares of classes `[n, classes]`, or of class 1, `[n]` or `[n, 1]`:
 * `(x) => model.predict(x)`
 * @param options Names of the classes, title, size (360 by 360 pixels by default)
 * @returns SVG text
 * @throws {TypeError} If shapes do not fit, or a label is no class
 *
 * @example
 * ```ts
 * import { boundaryChart } from "@tapegrad/tapegrad/viz";
 *
 * const svg = await boundaryChart([[0, 0], [1, 1]], [0, 1], (x) => x.sum({ axis: 1 }).gt(1));
 * console.log(svg.startsWith("<svg")); // true
 * ```
 */
export async function boundaryChart(
  points: Operand,
  labels: Operand,
  predict: (places: Variable) => Variable,
  options: ClassOptions = {},
): Promise<string> {
  const what = "boundaryChart";
  const { shape } = toVariable(points);
  if (shape.length !== 2 || shape[1] !== 2) {
    throw new TypeError(message`Cannot draw ${what}: the points have shape ${shape}, expected [rows, 2]`);
  }
  const { labels: classesOfPoints } = readLists(what, { labels });
  const { points: data } = readLists(what, { points });
  if (classesOfPoints.length !== shape[0]) {
    throw new TypeError(
      message`Cannot draw ${what}: there are ${shape[
        0
      ]!} points and ${classesOfPoints.length} labels, expected as many`,
    );
  }
  const [xs, ys] = [0, 1].map((axis) => rangeOf(data, axis)) as [Range, Range];
  const places = Array.from({ length: GRID * GRID }, (_, i) => [
    xs.low + (i % GRID + 0.5) * xs.step,
    ys.low + (Math.floor(i / GRID) + 0.5) * ys.step,
  ]);
  readFunction(what, "the function that predicts", predict);
  const taken = classesOf(what, predict(constant(places, { dtype: "float32" })));
  const { names, frame } = readClasses(what, options, [...classesOfPoints, ...taken]);
  const size = readFrame(what, frame, { width: 360, height: 360 });
  const cells = places.map(([x, y], i) => ({
    x: x! - xs.step / 2,
    x2: x! + xs.step / 2,
    y: y! - ys.step / 2,
    y2: y! + ys.step / 2,
    class: names[taken[i]!]!,
  }));
  const dots = spread(shape[0]!, MOST_POINTS).map((i) => ({
    x: data[2 * i]!,
    y: data[2 * i + 1]!,
    class: names[classesOfPoints[i]!]!,
  }));
  const color = { field: "class", type: "nominal", scale: { domain: names }, legend: { title: null } };
  const along = (field: string, { low, high }: Range): object => ({
    field,
    type: "quantitative",
    scale: { domain: [low, high], nice: false },
    axis: { title: field === "x" ? "first feature" : "second feature", grid: false },
  });
  return await drawChart({
    ...size,
    layer: [
      {
        data: { values: cells },
        mark: { type: "rect", opacity: 0.3, strokeWidth: 0 },
        encoding: { x: along("x", xs), x2: { field: "x2" }, y: along("y", ys), y2: { field: "y2" }, color },
      },
      {
        data: { values: dots },
        mark: { type: "point", filled: true, size: 28, opacity: 1, stroke: "white", strokeWidth: 0.6 },
        encoding: {
          x: along("x", xs),
          y: along("y", ys),
          color,
          shape: { field: "class", type: "nominal", scale: { domain: names }, legend: { title: null } },
        },
      },
    ],
  });
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** The range of a column, with some space at its ends. */
function rangeOf(points: ArrayLike<number>, axis: number): Range {
  let [low, high] = [Infinity, -Infinity];
  for (let i = axis; i < points.length; i += 2) {
    low = Math.min(low, points[i]!);
    high = Math.max(high, points[i]!);
  }
  const space = 0.08 * (high - low) || 1;
  return { low: low - space, high: high + space, step: (high - low + 2 * space) / GRID };
}

/** The class with the largest share at each place. */
function classesOf(what: string, given: Variable): number[] {
  const shares = toVariable(given);
  const count = GRID * GRID;
  const classes = shares.size / count;
  if (shares.shape[0] !== count || shares.rank > 2 || !Number.isInteger(classes)) {
    throw new TypeError(
      message`Cannot draw ${what}: the function gave shape ${shares.shape} for ${count} places, expected [${count}] or
      [${count}, classes]`,
    );
  }
  const { data } = shares;
  return Array.from({ length: count }, (_, i) => {
    if (classes === 1) return data[i]! > 0.5 ? 1 : 0;
    const row = data.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

function readClasses(
  what: string,
  options: ClassOptions,
  found: readonly number[],
): { readonly names: readonly string[]; readonly frame: ChartOptions } {
  checkOptions(what, options, ["classes", "title", "width", "height"]);
  const { classes, ...frame } = options;
  let largest = 0;
  for (const label of found) {
    if (!(Number.isInteger(label) && label >= 0)) {
      throw new TypeError(
        message`Cannot draw ${what}: a class is ${label}, expected a whole number from 0 up`,
      );
    }
    largest = Math.max(largest, label);
  }
  if (largest >= MOST_CLASSES) {
    throw new TypeError(
      message`Cannot draw ${what}: there is a class ${largest}, at most ${MOST_CLASSES} fit`,
    );
  }
  if (classes !== undefined) {
    readList(what, "the option classes", classes);
    const names = classes.map(String);
    if (names.length > largest && new Set(names).size === names.length) return { names, frame };
    throw new TypeError(
      message`Cannot draw ${what}: found class ${largest} and the names ${
        describeValue(names)
      }, expected a name of its own
      for each`,
    );
  }
  return { names: Array.from({ length: Math.max(2, largest + 1) }, (_, i) => String(i)), frame };
}
