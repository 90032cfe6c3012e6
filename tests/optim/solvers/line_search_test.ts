import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { type LinePoint, searchLine } from "../../../src/optim/solvers/line_search.ts";

/** A function of the distance, with its slope. */
function line(f: (a: number) => number, slope: (a: number) => number): (distance: number) => LinePoint {
  return (distance) => ({ distance, value: f(distance), slope: slope(distance) });
}

const LINES: { readonly [name: string]: (distance: number) => LinePoint } = {
  // The first two test functions of More and Thuente (1994).
  "-a / (a^2 + 2)": line((a) => -a / (a * a + 2), (a) => (a * a - 2) / (a * a + 2) ** 2),
  "(a + 0.004)^5 - 2 (a + 0.004)^4": line(
    (a) => (a + 0.004) ** 5 - 2 * (a + 0.004) ** 4,
    (a) => 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3,
  ),
  "a parabola": line((a) => (a - 3) ** 2, (a) => 2 * (a - 3)),
  "many minima": line((a) => 0.1 * a - Math.sin(a), (a) => 0.1 - Math.cos(a)),
  "an edge beyond which it is NaN": line((a) => -a - Math.sqrt(1 - a), (a) => -1 + 0.5 / Math.sqrt(1 - a)),
  "an edge beyond which it is infinite": line(
    (a) => a < 2 ? -a / (2 - a / 2) + a * a : -Infinity,
    (a) => a < 2 ? -2 / (2 - a / 2) ** 2 + 2 * a : -Infinity,
  ),
};

for (const [name, at] of Object.entries(LINES)) {
  for (const first of [1e-3, 0.1, 1, 10, 1e3]) {
    Deno.test(`a line search on ${name} from ${first} fulfils the strong Wolfe conditions`, () => {
      const start = at(0);
      let trials = 0;
      const point = searchLine(
        (distance) => {
          trials++;
          return at(distance);
        },
        start,
        first,
      )!;
      assertLessOrEqual(point.value, start.value + 1e-4 * point.distance * start.slope);
      assertLessOrEqual(Math.abs(point.slope), 0.9 * Math.abs(start.slope));
      assertLessOrEqual(trials, 20);
    });
  }
}

Deno.test("a line search takes a flat point where values differ by rounding only", () => {
  const at = line((a) => 1e16 + (a - 1) ** 2, (a) => 2 * (a - 1));
  const point = searchLine(at, at(0), 1.5)!;
  assertEquals(point.distance, 1.5);
});

Deno.test("a line search finds nothing where the slope is a lie", () => {
  assertEquals(searchLine(line((a) => a, () => -1), { distance: 0, value: 0, slope: -1 }, 1), undefined);
});

Deno.test("a line search gives the lowest point it met if the function falls without end", () => {
  const point = searchLine(line((a) => -a, () => -1), { distance: 0, value: 0, slope: -1 }, 1)!;
  assertLess(point.value, -1e20);
});
