import {
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { ba } from "../../examples/gradbench/ba.ts";
import { det } from "../../examples/gradbench/det.ts";
import type { Evaluation, Output } from "../../examples/gradbench/evaluation.ts";
import { gmm } from "../../examples/gradbench/gmm.ts";
import { ht } from "../../examples/gradbench/ht.ts";
import { writeJson } from "../../examples/gradbench/json.ts";
import { kmeans } from "../../examples/gradbench/kmeans.ts";
import { readLines } from "../../examples/gradbench/lines.ts";
import { llsq } from "../../examples/gradbench/llsq.ts";
import { lse } from "../../examples/gradbench/lse.ts";
import { lstm } from "../../examples/gradbench/lstm.ts";
import { ode } from "../../examples/gradbench/ode.ts";
import { answer } from "../../examples/gradbench/session.ts";
import * as inputs from "./gradbench/inputs.ts";
import * as plain from "./gradbench/plain.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "read" })).state === "granted";

/** An answer of the tool. */
interface Answer {
  readonly id: unknown;
  readonly tool?: string;
  readonly success?: boolean;
  readonly error?: string;
  readonly output?: unknown;
  readonly timings?: readonly { readonly name: string; readonly nanoseconds: number }[];
}

/** Runs the tool as GradBench does, as its own process without any permission. */
async function talk(pieces: Iterable<string>): Promise<{ code: number; lines: string[] }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "examples/gradbench/main.ts"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const write = async (): Promise<void> => {
    const writer = child.stdin.getWriter();
    for (const piece of pieces) await writer.write(new TextEncoder().encode(piece));
    await writer.close();
  };
  const [, out, { code }] = await Promise.all([write(), new Response(child.stdout).text(), child.status]);
  assertMatch(out, /^$|\n$/);
  return { code, lines: out.split("\n").slice(0, -1) };
}

async function ask(messages: readonly unknown[]): Promise<Answer[]> {
  const { code, lines } = await talk(messages.map((message) => `${JSON.stringify(message)}\n`));
  assertEquals(code, 0);
  return lines.map((line) => JSON.parse(line));
}

/** Checks structure and numbers: within a part of the number, or far below the largest of all. */
function assertNear(
  got: unknown,
  want: unknown,
  tolerance: number,
  largest = largestOf(want),
  path = "",
): void {
  if (typeof want === "number") {
    const difference = typeof got === "number" ? Math.abs(got - want) : NaN;
    assertLessOrEqual(
      difference,
      tolerance * Math.abs(want) + 1e-5 * tolerance * largest,
      `${path}: got ${JSON.stringify(got)}, want ${want}`,
    );
    return;
  }
  assertEquals(Object.keys(got as object).sort(), Object.keys(want as object).sort(), path);
  for (const [key, value] of Object.entries(want as object)) {
    assertNear((got as Record<string, unknown>)[key], value, tolerance, largest, `${path}.${key}`);
  }
}

function largestOf(value: unknown): number {
  if (typeof value === "number") return Math.abs(value);
  return Object.values(value as object).reduce((max, part) => Math.max(max, largestOf(part)), 0);
}

/** What an evaluation gives for an input, as JSON says it. */
function evaluate(evaluation: Evaluation, name: string, input: unknown): unknown {
  return JSON.parse([...writeJson(evaluation[name]!(input)())].join(""));
}

const FILES = [
  "ba",
  "det",
  "gmm",
  "hello",
  "ht",
  "ht-hand1",
  "kmeans",
  "llsq",
  "lse",
  "lstm",
  "ode",
  "particle",
  "saddle",
];

for (const file of FILES) {
  Deno.test({ name: `GradBench: ${file} gives the known answers`, ignore: !granted }, async () => {
    const url = new URL(`../fixtures/gradbench/${file}.json`, import.meta.url);
    const { eval: module, cases } = JSON.parse(await Deno.readTextFile(url));
    const messages = cases.map((
      { function: name, input }: { function: string; input: unknown },
      id: number,
    ) => ({
      id,
      kind: "evaluate",
      module,
      function: name,
      input: typeof input === "object" ? { ...input, min_runs: 1, min_seconds: 0 } : input,
    }));
    const [define, ...answers] = await ask([{ id: -1, kind: "define", module }, ...messages]);
    assertEquals(define, { id: -1, success: true });
    assertEquals(
      answers.map(({ id, error }) => ({ id, error })),
      cases.map((_: unknown, id: number) => ({
        id,
        error: undefined,
      })),
    );
    answers.forEach(({ output }, i) => assertNear(output, cases[i].output, 1e-9, undefined, cases[i].name));
  });
}

Deno.test(
  { name: "GradBench: faults are answered and never end the process", ignore: !granted },
  async () => {
    const good = { id: 9, kind: "evaluate", module: "hello", function: "double", input: 3 };
    const llsqWith = (input: unknown, name = "primal") => ({
      id: "a",
      kind: "evaluate",
      module: "llsq",
      function: name,
      input,
    });
    const faults: readonly (readonly [message: string, error: string])[] = [
      ["nonsense", "JSON"],
      ['{"id":1,"kind":', "JSON"],
      ["[1]", "not a JSON object"],
      ["null", "not a JSON object"],
      [JSON.stringify({ id: "a", kind: "define", module: "fft" }), "no module fft"],
      [JSON.stringify({ id: "a", kind: "define", module: "constructor" }), "no module constructor"],
      [JSON.stringify({ id: "a", kind: "define" }), "no module undefined"],
      [JSON.stringify({ ...good, id: "a", module: "fft" }), "no module fft"],
      [JSON.stringify({ ...good, id: "a", function: "triple" }), "no function triple"],
      [JSON.stringify({ ...good, id: "a", function: "toString" }), "no function toString"],
      [JSON.stringify({ ...good, id: "a", input: "3" }), 'found "3" where a number is expected'],
      [JSON.stringify({ ...good, id: "a", input: undefined }), "found nothing"],
      [JSON.stringify(llsqWith(5)), "pass an object"],
      [JSON.stringify(llsqWith({ n: 5 })), "found nothing where an array is expected"],
      [JSON.stringify(llsqWith({ x: [1, [2]], n: 5 })), "found an array of 1 where a number is expected"],
      [JSON.stringify(llsqWith({ x: [1], n: 1.5 })), "pass a whole number"],
      [JSON.stringify(llsqWith({ x: [1], n: 5, min_runs: "many" })), "where a number is expected"],
      [
        JSON.stringify(llsqWith({ x: [1e300, 1e300], n: 5 }, "gradient")).replaceAll("1e+300", "1e308"),
        "Infinity",
      ],
    ];
    const { code, lines } = await talk(
      [...faults.map(([message]) => message), JSON.stringify(good)].map((m) => `${m}\n`),
    );
    assertEquals([code, lines.length], [0, faults.length + 1]);
    faults.forEach(([message, part], i) => {
      const { id, success, error } = JSON.parse(lines[i]!) as Answer;
      assertEquals([id, success], [message.includes('"id":"a"') ? "a" : null, false], message);
      assertStringIncludes(error!, part);
    });
    const { id, success, output, timings } = JSON.parse(lines.at(-1)!) as Answer;
    assertEquals([id, success, output, timings!.length], [9, true, 6, 1]);
  },
);

/** Inputs with one field of a wrong shape. */
const MISSHAPEN: readonly (readonly [module: string, name: string, input: () => object])[] = [
  ["lse", "gradient", () => ({ x: [] })],
  ["gmm", "jacobian", () => ({ ...inputs.gmmInput({ n: 3, d: 2, k: 2 }, inputs.uniform(1)), mu: [[1, 2]] })],
  ["kmeans", "dir", () => ({ points: [[1, 2], [3, 4]], centroids: [[1, 2, 3]] })],
  ["ba", "jacobian", () => ({ ...inputs.baInput({ n: 1, m: 1, p: 1 }, inputs.uniform(1)), cam: [1, 2] })],
  [
    "lstm",
    "jacobian",
    () => ({ ...inputs.lstmInput({ l: 1, c: 3, b: 2 }, inputs.uniform(1)), state: [[1, 2]] }),
  ],
  [
    "ht",
    "jacobian",
    () => ({ ...inputs.htInput({ v: 4, c: 2, hasUs: true }, inputs.uniform(1)), us: [[1, 2]] }),
  ],
  ["ode", "gradient", () => ({ x: [], s: 2 })],
  ["det", "gradient", () => ({ A: [1, 2, 3], ell: 2 })],
  ["particle", "rr", () => ({ w: [0] })],
  ["saddle", "rr", () => ({ start: [1] })],
];

Deno.test(
  { name: "GradBench: a wrong shape is a failure of that answer only", ignore: !granted },
  async () => {
    const answers = await ask(MISSHAPEN.map(([module, name, input], id) => ({
      id,
      kind: "evaluate",
      module,
      function: name,
      input: input(),
    })));
    assertEquals(
      answers.map(({ id, success, output }) => ({ id, success, output })),
      MISSHAPEN.map((_, id) => ({ id, success: false, output: undefined })),
    );
    for (const { error } of answers) assertStringIncludes(error!, "Cannot read ");
  },
);

Deno.test({ name: "GradBench: every kind of message is answered, in order", ignore: !granted }, async () => {
  const answers = await ask([
    { id: 0, kind: "start", eval: "hello", config: {} },
    { id: 1, kind: "define", module: "hello" },
    { id: 2, kind: "evaluate", module: "hello", function: "square", input: 3 },
    { id: 3, kind: "analysis", of: 2, valid: true },
    { id: 4, kind: "something new" },
    { kind: "analysis" },
  ]);
  assertEquals(answers.map(({ id }) => id), [0, 1, 2, 3, 4, null]);
  assertEquals([answers[0], answers[1], answers[3]], [{ id: 0, tool: "tapegrad" }, { id: 1, success: true }, {
    id: 3,
  }]);
});

Deno.test(
  { name: "GradBench: runs are repeated as often and as long as asked", ignore: !granted },
  async () => {
    const message = (min_runs: number, min_seconds: number) => ({
      id: 1,
      kind: "evaluate",
      module: "llsq",
      function: "gradient",
      input: { x: [0.5, 0.25], n: 5, min_runs, min_seconds },
    });
    const [often, long] = await ask([message(7, 0), message(1, 0.05)]);
    assertEquals(often!.timings!.length, 7);
    const times = long!.timings!.map(({ nanoseconds }) => nanoseconds);
    const total = times.reduce((sum, time) => sum + time, 0);
    assertGreaterOrEqual(total, 0.05e9);
    assertLess(total - times.at(-1)!, 0.05e9);
    for (const { name, nanoseconds } of [...often!.timings!, ...long!.timings!]) {
      assertStrictEquals(name, "evaluate");
      assertStrictEquals(nanoseconds, Math.round(nanoseconds));
      assertGreaterOrEqual(nanoseconds, 0);
    }
  },
);

Deno.test(
  { name: "GradBench: lines may be long, cut anywhere, empty, or lack their end", ignore: !granted },
  async () => {
    const x = Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
    const input = { x, min_runs: 1, min_seconds: 0 };
    const message = { id: "ü", kind: "evaluate", module: "lse", function: "gradient", input };
    const text = `\n${JSON.stringify(message)}\r\n \n${JSON.stringify({ id: 2, kind: "analysis" })}`;
    const pieces = Array.from(
      { length: Math.ceil(text.length / 9999) },
      (_, i) => text.slice(9999 * i, 9999 * (i + 1)),
    );
    const { code, lines } = await talk(pieces);
    assertEquals([code, lines.length], [0, 2]);
    const { id, output } = JSON.parse(lines[0]!) as { id: string; output: number[] };
    assertEquals([id, output.length, JSON.parse(lines[1]!)], ["ü", 300_000, { id: 2 }]);
    assertLess(Math.abs(output.reduce((sum, part) => sum + part, 0) - 1), 1e-9);
  },
);

Deno.test("GradBench: a character that lies across two chunks is read as one", async () => {
  const bytes = new TextEncoder().encode("a\u{1F600}b\nü");
  const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const lines = await Array.fromAsync(readLines(ReadableStream.from(chunks)));
  assertEquals(lines, ["a\u{1F600}b", "ü"]);
});

Deno.test("GradBench: JSON is written in pieces, and says the same as JSON.stringify", () => {
  const long = Float64Array.from({ length: 20_000 }, (_, i) => i / 7);
  const outputs: readonly Output[] = [-0, 1e-300, [], {}, long, [[1, 2], [3]], {
    'a"': Int32Array.of(1, -2),
    b: { c: 1.5 },
  }];
  for (const output of outputs) {
    const want = JSON.stringify(
      output,
      (_, value) => ArrayBuffer.isView(value) ? [...value as Float64Array] : value,
    );
    assertEquals(JSON.parse([...writeJson(output)].join("")), JSON.parse(want));
  }
});

Deno.test("GradBench: an error inside a run is a failure with its text", () => {
  const evals = new Map<string, Evaluation>([["broken", {
    run: () => () => {
      throw new RangeError("out of luck");
    },
    nan: () => () => [1, NaN],
  }]]);
  const reply = (name: string): Answer =>
    JSON.parse(
      [...answer(JSON.stringify({ id: 1, kind: "evaluate", module: "broken", function: name }), evals)].join(
        "",
      ),
    );
  assertEquals(reply("run"), { id: 1, success: false, error: "out of luck" });
  assertEquals(reply("nan"), { id: 1, success: false, error: "Cannot write the output: it contains NaN" });
});

/** The derivative of a plain objective along a direction, by central differences; for each of its numbers. */
function slopes(
  f: (x: readonly number[]) => ArrayLike<number>,
  x: readonly number[],
  direction: readonly number[],
): number[] {
  const h = 1e-5;
  const move = (step: number): Float64Array =>
    Float64Array.from(f(x.map((part, i) => part + step * direction[i]!)));
  const [up, down, far, near] = [move(h), move(-h), move(2 * h), move(-2 * h)];
  return Array.from(up, (value, i) => (8 * (value - down[i]!) - (far[i]! - near[i]!)) / (12 * h));
}

/** A derivative to be compared: what it gives along a direction, and the plain objective. */
interface Comparison {
  readonly evaluation: Evaluation;
  readonly primal: string;
  readonly derivative: string;
  /** The input with other numbers in the place of the differentiated ones. */
  readonly make: (x: readonly number[]) => unknown;
  readonly x: readonly number[];
  readonly plain: (x: readonly number[]) => ArrayLike<number>;
  /** The derivatives by all numbers, one row for each number of the objective. */
  readonly rows: (derivative: unknown) => readonly (readonly number[])[];
}

const one = (f: () => number): number[] => [f()];
const flatten = (value: unknown): number[] =>
  typeof value === "number" ? [value] : Object.values(value as object).flatMap(flatten);
const asRow = (derivative: unknown): number[][] => [flatten(derivative)];

function split(list: readonly number[], columns: number): number[][] {
  return Array.from({ length: list.length / columns }, (_, i) => list.slice(i * columns, (i + 1) * columns));
}

function gmmComparison(size: { n: number; d: number; k: number }, draw: () => number): Comparison {
  const input = { ...inputs.gmmInput(size, draw), m: 2, gamma: 0.9 };
  const { d, k } = size;
  const make = (x: readonly number[]): typeof input => ({
    ...input,
    alpha: x.slice(0, k),
    mu: split(x.slice(k, k + k * d), d),
    q: split(x.slice(k + k * d, k + 2 * k * d), d),
    l: d === 1 ? input.l : split(x.slice(k + 2 * k * d), d * (d - 1) / 2),
  });
  return {
    evaluation: gmm,
    primal: "objective",
    derivative: "jacobian",
    make,
    x: flatten([input.alpha, input.mu, input.q, input.l]),
    plain: (x) => one(plain.gmm(make(x))),
    rows: (g) => {
      const { alpha, mu, q, l } = g as { [name: string]: unknown };
      return asRow([alpha, mu, q, l]);
    },
  };
}

function lstmComparison(size: { l: number; c: number; b: number }, draw: () => number): Comparison {
  const input = inputs.lstmInput(size, draw);
  const count = 8 * size.l * size.b;
  const make = (x: readonly number[]): typeof input => ({
    ...input,
    main_params: split(x.slice(0, count), 4 * size.b),
    extra_params: split(x.slice(count), size.b),
  });
  return {
    evaluation: lstm,
    primal: "objective",
    derivative: "jacobian",
    make,
    x: flatten([input.main_params, input.extra_params]),
    plain: (x) => one(plain.lstm(make(x))),
    rows: asRow,
  };
}

function htComparison(size: { v: number; c: number; hasUs: boolean }, draw: () => number): Comparison {
  const input = inputs.htInput({ ...size, isMirrored: true }, draw);
  // The first two numbers move all u and all v.
  const make = (x: readonly number[]): typeof input => ({
    ...input,
    us: input.us.map(([u, v]) => [u! + x[0]!, v! + x[1]!]),
    theta: x.slice(size.hasUs ? 2 : 0),
  });
  return {
    evaluation: ht,
    primal: "objective",
    derivative: "jacobian",
    make,
    x: size.hasUs ? [0, 0, ...input.theta] : input.theta,
    plain: (x) => plain.ht(make(x))(),
    rows: (rows) => rows as number[][],
  };
}

const COMPARISONS: { readonly [name: string]: (draw: () => number) => Comparison } = {
  llsq: (draw) => ({
    evaluation: llsq,
    primal: "primal",
    derivative: "gradient",
    make: (x) => ({ x, n: 1024 }),
    x: inputs.llsqInput({ n: 1024, m: 128 }, draw).x,
    plain: (x) => one(plain.llsq({ x: [...x], n: 1024 })),
    rows: asRow,
  }),
  lse: (draw) => ({
    evaluation: lse,
    primal: "primal",
    derivative: "gradient",
    make: (x) => ({ x }),
    x: inputs.lseInput({ n: 2500 }, draw).x,
    plain: (x) => one(plain.lse({ x: [...x] })),
    rows: asRow,
  }),
  gmm: (draw) => gmmComparison({ n: 1000, d: 10, k: 5 }, draw),
  "gmm of one dimension": (draw) => gmmComparison({ n: 20, d: 1, k: 3 }, draw),
  "gmm of one component": (draw) => gmmComparison({ n: 20, d: 3, k: 1 }, draw),
  lstm: (draw) => lstmComparison({ l: 2, c: 200, b: 14 }, draw),
  "lstm of few characters": (draw) => lstmComparison({ l: 3, c: 2, b: 5 }, draw),
  "ht by triangles": (draw) => htComparison({ v: 544, c: 100, hasUs: true }, draw),
  "ht by vertices": (draw) => htComparison({ v: 60, c: 20, hasUs: false }, draw),
  ode: (draw) => ({
    evaluation: ode,
    primal: "primal",
    derivative: "gradient",
    make: (x) => ({ x, s: 20 }),
    x: inputs.odeInput({ n: 6, s: 20 }, draw).x,
    plain: (x) => plain.ode({ x: [...x], s: 20 })(),
    rows: (g) => [0, 0, 0, 0, 0].map(() => []).concat(asRow(g) as never),
  }),
  "ode of one step": (draw) => ({
    evaluation: ode,
    primal: "primal",
    derivative: "gradient",
    make: (x) => ({ x, s: 1 }),
    x: inputs.odeInput({ n: 1, s: 1 }, draw).x,
    plain: (x) => plain.ode({ x: [...x], s: 1 })(),
    rows: asRow,
  }),
  ...Object.fromEntries(
    [1, 2, 5, 7, 9].map((ell) => [`det of ${ell} rows`, (draw: () => number): Comparison => ({
      evaluation: det,
      primal: "primal",
      derivative: "gradient",
      make: (A) => ({ A, ell }),
      x: inputs.detInput({ ell }, draw).A,
      plain: (A) => one(plain.det({ A: [...A], ell })),
      rows: asRow,
    })]),
  ),
};

for (const [name, compare] of Object.entries(COMPARISONS)) {
  Deno.test(`GradBench: ${name} agrees with plain loops and their differences`, () => {
    for (const seed of [1, 2]) {
      const draw = inputs.uniform(seed);
      const { evaluation, primal, derivative, make, x, plain, rows } = compare(draw);
      const value = evaluate(evaluation, primal, make(x));
      assertNear(flatten(value), Array.from(plain(x)), 1e-10);
      const direction = x.map(() => draw() - 0.5);
      const want = slopes(plain, x, direction);
      const jacobian = rows(evaluate(evaluation, derivative, make(x)));
      assertEquals(jacobian.length, want.length);
      const scale = largestOf(want);
      jacobian.forEach((row, i) => {
        if (row.length === 0) return;
        assertEquals(row.length, x.length);
        const along = row.reduce((sum, part, k) => sum + part * direction[k]!, 0);
        assertLessOrEqual(
          Math.abs(along - want[i]!),
          1e-7 * scale + 1e-8,
          `row ${i}: got ${along}, want ${want[i]}`,
        );
      });
    }
  });
}

Deno.test("GradBench: kmeans gives slope over curvature of the plain cost", () => {
  for (const size of [{ n: 40, d: 3, k: 4 }, { n: 1000, d: 8, k: 100 }]) {
    const input = inputs.kmeansInput(size, inputs.uniform(3));
    assertNear(evaluate(kmeans, "cost", input), plain.kmeans(input)(), 1e-10);
    const directions = evaluate(kmeans, "dir", input) as number[][];
    assertEquals([directions.length, directions[0]!.length], [size.k, size.d]);
    for (const [j, a] of [[0, 0], [1, 2], [3, 1]] as const) {
      const at = (step: number): number =>
        plain.kmeans({
          ...input,
          centroids: input.centroids.map((row, i) => row.map((x, b) => i === j && b === a ? x + step : x)),
        })();
      const h = 1e-4;
      const [up, here, down] = [at(h), at(0), at(-h)];
      const want = (up - down) / 2 * h / (up - 2 * here + down);
      assertLessOrEqual(
        Math.abs(directions[j]![a]! - want),
        1e-4 * Math.max(1, Math.abs(want)),
        `${j}, ${a}`,
      );
    }
  }
});

Deno.test("GradBench: ba gives the blocks of every size of scene, also of several pieces", () => {
  for (
    const [size, angle] of [[{ n: 2, m: 3, p: 7 }, 1], [{ n: 7, m: 50, p: 10_000 }, 1], [
      { n: 1, m: 1, p: 1 },
      0,
    ]] as const
  ) {
    const drawn = inputs.baInput(size, inputs.uniform(4));
    const input = { ...drawn, cam: drawn.cam.map((x, i) => i < 3 ? angle * x : x) };
    const { n, m, p } = size;
    const errors = plain.ba(input)();
    const objective = evaluate(ba, "objective", input);
    assertNear(objective, {
      reproj_error: { elements: [errors[0], errors[1]], repeated: p },
      w_err: { element: errors[2 * p], repeated: p },
    }, 1e-9);
    const { rows, cols, vals } = evaluate(ba, "jacobian", input) as { [list: string]: number[] };
    const count = 30 * p;
    const pointers = Array.from({ length: 3 * p + 1 }, (_, i) => i <= 2 * p ? 15 * i : count + i - 2 * p);
    assertEquals(rows, [...pointers.slice(0, 30), pointers.at(-1)!]);
    const block = [...Array(11).keys(), ...[0, 1, 2].map((j) => 11 * n + j), 11 * n + 3 * m];
    assertEquals(cols, [...block, ...block, 11 * n + 3 * m + p - 1]);
    const x = [...input.cam, ...input.x, input.w];
    const first = (y: readonly number[]): ArrayLike<number> =>
      plain.ba({ ...input, n: 1, m: 1, p: 1, cam: y.slice(0, 11), x: y.slice(11, 14), w: y[14]! })();
    const columns = x.map((_, k) => slopes(first, x, x.map((_, i) => i === k ? 1 : 0)));
    // At no rotation the derivative of the formula for it is asked for, which differences do not give.
    for (let k = angle === 0 ? 3 : 0; k < 15; k++) {
      for (const row of [0, 1]) {
        const want = columns[k]![row]!;
        const got = vals![15 * row + k]!;
        assertLessOrEqual(
          Math.abs(got - want),
          1e-6 * Math.max(1, Math.abs(want)),
          `${row}, ${k}: ${got}, want ${want}`,
        );
      }
    }
    assertNear(vals!.at(-1), -2 * input.w, 1e-12);
  }
});
