import { assert, assertEquals } from "@std/assert";
import {
  cosineDecay,
  cosineRestarts,
  cyclic,
  exponentialDecay,
  inverseTimeDecay,
  type NumberSchedule,
  oneCycle,
  piecewise,
  polynomialDecay,
  sequence,
  stepDecay,
  warmup,
} from "../../../src/optim/mod.ts";
import fixture from "../../fixtures/framework/schedules.json" with { type: "json" };

/** Our spelling of each schedule of Keras and PyTorch in the fixture. */
const SCHEDULES: { readonly [name: string]: NumberSchedule } = {
  "exponentialDecay": exponentialDecay(0.1, { factor: 0.7, every: 20 }),
  "exponentialDecay, staircase (step decay)": stepDecay(0.1, { factor: 0.7, every: 20 }),
  "inverseTimeDecay": inverseTimeDecay(0.1, { factor: 0.5, every: 10 }),
  "inverseTimeDecay, staircase": inverseTimeDecay(0.1, { factor: 0.5, every: 10, staircase: true }),
  "polynomialDecay": polynomialDecay(0.1, { steps: 60, minimum: 0.0001 }),
  "polynomialDecay, power and end": polynomialDecay(0.1, { steps: 60, minimum: 0.01, power: 2 }),
  "polynomialDecay, cycle": polynomialDecay(0.1, { steps: 30, minimum: 0.01, power: 0.5, cycle: true }),
  "piecewiseConstantDecay": piecewise({ boundaries: [10, 40, 75], rates: [0.1, 0.05, 0.2, 0.01] }),
  "cosineDecay": cosineDecay(0.1, { steps: 80 }),
  "cosineDecay, alpha": cosineDecay(0.1, { steps: 80, minimum: 0.01 }),
  "cosineDecay, warm-up": warmup(cosineDecay(0.2, { steps: 70, minimum: 0.01 }), { steps: 15, from: 0 }),
  "cosineDecay, warm-up from above zero": warmup(cosineDecay(0.1, { steps: 70 }), { steps: 10, from: 0.2 }),
  "cosineDecayRestarts": cosineRestarts(0.1, { steps: 12, factor: 2 }),
  "cosineDecayRestarts, all options": cosineRestarts(0.1, { steps: 25, decay: 0.8, minimum: 0.01 }),
  "cosineDecayRestarts, tMul 1.5": cosineRestarts(0.1, {
    steps: 10,
    factor: 1.5,
    decay: 0.9,
    minimum: 0.002,
  }),
  "stepLr": stepDecay(0.1, { every: 15, factor: 0.5 }),
  "multiStepLr": piecewise({ boundaries: [9, 39, 74], rates: [0.1, 0.03, 0.009, 0.0027] }),
  "exponentialLr": exponentialDecay(0.1, { factor: 0.97 }),
  "polynomialLr": polynomialDecay(0.1, { steps: 60, power: 2 }),
  "cosineAnnealingLr": cosineDecay(0.1, { steps: 99, minimum: 0.01 }),
  "cosineAnnealingWarmRestarts": cosineRestarts(0.1, { steps: 10, factor: 2, minimum: 0.001 }),
  "oneCycleLr": oneCycle(0.5, { steps: 100 }),
  "oneCycleLr, linear, all options": oneCycle(0.5, {
    steps: 100,
    rise: 0.4,
    shape: "linear",
    startDivisor: 10,
    endDivisor: 100,
  }),
  "oneCycleLr, three phases": oneCycle(0.5, { steps: 100, threePhases: true }),
  "cyclicLr, triangular": cyclic(0.01, { maximum: 0.1, up: 12 }),
  "cyclicLr, triangular2": cyclic(0.01, { maximum: 0.1, up: 10, down: 15, mode: "triangular2" }),
  "cyclicLr, exp_range": cyclic(0.01, { maximum: 0.1, up: 10, mode: "exponential", factor: 0.98 }),
  "cyclicLr with momentum": cyclic(0.01, { maximum: 0.1, up: 10 }),
  "linearLr (warm-up)": warmup(0.1, { steps: 20, from: 0.1 }),
  "constantLr": sequence([[0.025, 20], [0.1, 80]]),
};

for (const { name, library, rates } of fixture.cases) {
  Deno.test(`${name} has the rates of ${library}`, () => {
    const schedule = SCHEDULES[name];
    assert(schedule !== undefined);
    const scale = Math.max(...rates);
    rates.forEach((rate, step) => {
      const found = schedule(step);
      assert(Math.abs(found - rate) <= 1e-12 * scale, `step ${step}: ${found}, expected ${rate}`);
    });
  });
}

Deno.test("each schedule of the table is in the fixture", () => {
  const names = fixture.cases.map((each) => each.name);
  assertEquals(Object.keys(SCHEDULES).sort(), [...names].sort());
});
