import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  constantRate,
  cosineDecay,
  cosineRestarts,
  exponentialDecay,
  linearDecay,
  type NumberSchedule,
  sequence,
  stepDecay,
  warmup,
} from "../../src/optim/mod.ts";
import fixture from "../fixtures/schedules.json" with { type: "json" };

/** The minimum of the reference run with restarts. */
const MINIMUM = 0;

const REFERENCES: { readonly [name: string]: (base: number) => NumberSchedule } = {
  "step_10_0.5": (base) => stepDecay(base, { every: 10, factor: 0.5 }),
  "exponential_0.93": (base) => exponentialDecay(base, { factor: 0.93 }),
  cosine_warm_restarts_10_2: (base) => cosineRestarts(base, { steps: 10, factor: 2, minimum: MINIMUM }),
  constant: (base) => sequence([[base * 0.3, 7], [base, 1]]),
  onecycle_linear: () => warmup(linearDecay(0.5, { steps: 42, minimum: 0.0005 }), { steps: 17, from: 0.1 }),
};

for (const { name, base, rates } of fixture.schedules) {
  Deno.test(`the reference schedule ${name} is followed for ${rates.length} steps`, () => {
    const schedule = REFERENCES[name]!(base);
    rates.forEach((rate, step) => assertAlmostEquals(schedule(step), rate, 1e-10, `step ${step}`));
  });
}

Deno.test("cosineDecay() is half a cosine that stays at its minimum", () => {
  const schedule = cosineDecay(0.3, { steps: 8, minimum: 0.1 });
  [[0, 0.3], [4, 0.2], [8, 0.1], [80, 0.1]].forEach(([step, rate]) =>
    assertAlmostEquals(schedule(step!), rate!, 1e-12)
  );
  assertEquals(cosineRestarts(0.3, { steps: 8, minimum: 0.1 })(3), schedule(3));
});

Deno.test("cosineRestarts() without growth starts again after the same number of steps", () => {
  const schedule = cosineRestarts(1, { steps: 5 });
  assertEquals([5, 10, 1_000_000].map(schedule), [1, 1, 1]);
  assertEquals(schedule(3), schedule(1_000_003));
});

Deno.test("warmup() rises evenly to the schedule it leads to, which then starts from its step 0", () => {
  const schedule = warmup(exponentialDecay(1, { factor: 0.5 }), { steps: 4, from: 0.5 });
  assertEquals([0, 1, 2, 3, 4, 5, 6].map(schedule), [0.5, 0.625, 0.75, 0.875, 1, 0.5, 0.25]);
});

const BAD_OPTIONS: readonly [() => NumberSchedule, string][] = [
  [() => constantRate(-1), "Cannot make constantRate: rate is -1, use 0 or more, finite"],
  [() => stepDecay(1, { every: 0 }), "Cannot make stepDecay: every is 0, use an integer from 1 up"],
  [() => exponentialDecay(NaN, { factor: 1 }), "Cannot make exponentialDecay: rate is NaN"],
  [() => linearDecay(1, { steps: -1 }), "Cannot make linearDecay: steps is -1"],
  [() => cosineDecay(1, { steps: 2.5 }), "Cannot make cosineDecay: steps is 2.5"],
  [() => cosineRestarts(1, { steps: 2, factor: 0.5 }), "factor is 0.5, use 1 or more"],
  [() => warmup(1, { steps: 2, from: -1 }), "Cannot make warmup: from is -1"],
  [() => sequence([]), "Cannot make sequence: there are 0 parts, use one or more"],
  [() => sequence([[1, 0]]), "Cannot make sequence: steps is 0"],
];

for (const [make, message] of BAD_OPTIONS) {
  Deno.test(`bad options are refused: ${message}`, () => {
    assertThrows(make, RangeError, message);
  });
}
