import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  addAlongAxis,
  at,
  constant,
  gather,
  gatherND,
  grad,
  maskedFill,
  scatterAdd,
  takeAlongAxis,
  type Variable,
  variable,
} from "../../../mod.ts";

const X = [[1, 2, 3], [4, 5, 6]];

Deno.test("takeAlongAxis() takes an element for each index", () => {
  assertEquals(takeAlongAxis(X, [[2, 0], [1, 1]]).value, [[3, 1], [5, 5]]);
  assertEquals(takeAlongAxis(X, [[1, 0, 1]], { axis: 0 }).value, [[4, 2, 6]]);
  assertEquals(takeAlongAxis(X, [[0]]).value, [[1], [4]]);
  assertEquals(takeAlongAxis(X, [[], []]).shape, [2, 0]);
  assertEquals(grad((x: Variable) => takeAlongAxis(x, [[2, 0], [1, 1]]).sum())(X), [[1, 0, 1], [0, 2, 0]]);
  assertThrows(() => takeAlongAxis(X, [0]), TypeError, "the indices have shape [1]");
  assertThrows(() => takeAlongAxis(X, [[3], [0]]), RangeError, "found the index 3");
  assertThrows(() => takeAlongAxis(X, [[0.5], [0]]), RangeError, "found the index 0.5");
  assertThrows(() => takeAlongAxis([[], []], [[0], [0]]), RangeError, "the axis has no elements");
  assertThrows(() => takeAlongAxis(X, [[0]], { axis: 2 }), RangeError, "axis 2");
});

Deno.test("addAlongAxis() adds an element for each index", () => {
  assertEquals(addAlongAxis(X, [[2, 2], [0, 1]], [[10, 20], [30, 40]]).value, [[1, 2, 33], [34, 45, 6]]);
  assertEquals(addAlongAxis(X, [[0]], 1).value, [[2, 2, 3], [5, 5, 6]]);
  checkGradients((x, v) => addAlongAxis(x, [[2, 2], [0, 1]], v).square().sum(), [X, [[1, 2], [3, 4]]]);
  assertThrows(() => addAlongAxis(X, [[-1], [0]], 1), RangeError, "found the index -1");
  assertThrows(() => addAlongAxis(X, [[0]], [1, 2, 3]), TypeError, "Cannot broadcast");
});

Deno.test("scatterAdd() adds a slice for each index", () => {
  assertEquals(scatterAdd([0, 0, 0], [2, 0, 2], [1, 2, 3]).value, [2, 0, 4]);
  assertEquals(scatterAdd(X, [1, 1], [[1, 1, 1], [2, 2, 2]]).value, [[1, 2, 3], [7, 8, 9]]);
  assertEquals(scatterAdd(X, [0, 2], 10, { axis: 1 }).value, [[11, 2, 13], [14, 5, 16]]);
  assertEquals(scatterAdd(new Float32Array([1]), [0], 1).dtype, "float32");
  checkGradients((x, v) => scatterAdd(x, [1, 1], v).square().sum(), [X, X]);
  assertThrows(() => scatterAdd(X, [2], 1), RangeError, "Cannot scatter along axis 0");
  assertThrows(() => scatterAdd(X, [0], [1, 2]), TypeError, "Cannot broadcast");
});

Deno.test("gatherND() takes slices at positions", () => {
  assertEquals(gatherND(X, [[0, 1], [1, 0]]).value, [2, 4]);
  assertEquals(gatherND(X, [[1], [0]]).value, [[4, 5, 6], [1, 2, 3]]);
  assertEquals(gatherND(X, [1, 2]).value, 6);
  assertEquals(gatherND(X, [[[0, 0]], [[1, 1]]]).value, [[1], [5]]);
  assertEquals(grad((x: Variable) => gatherND(x, [[0, 1], [0, 1]]).sum())(X), [[0, 2, 0], [0, 0, 0]]);
  assertThrows(
    () => gatherND(X, [0, 3]),
    RangeError,
    "found the index 3 along axis 1, use integers from 0 to 2",
  );
  assertThrows(() => gatherND(X, [0, 0, 0]), TypeError, "Cannot gather at positions");
  assertThrows(() => gatherND(X, 0), TypeError, "Cannot gather at positions");
});

Deno.test("maskedFill() replaces where the mask is not 0", () => {
  assertEquals(maskedFill(X, [0, 1, 0], -1).value, [[1, -1, 3], [4, -1, 6]]);
  assertEquals(grad((x: Variable) => maskedFill(x, [0, 1, 0], NaN).slice(0, 1).sum())([1, 2, 3]), [1, 0, 0]);
});

Deno.test("at() reads elements, ranges and lists", () => {
  assertEquals(at(X, 1, 2).get().value, 6);
  assertEquals(at(X, -1).get().value, [4, 5, 6]);
  assertEquals(at(X, {}, { start: 1 }).get().value, [[2, 3], [5, 6]]);
  assertEquals(at(X, {}, { step: -2 }).get().value, [[3, 1], [6, 4]]);
  assertEquals(at(X, 0, { start: -2, stop: -1 }).get().value, [2]);
  assertEquals(at(X, { start: 5 }).get().shape, [0, 3]);
  assertEquals(at(X, [1, 0, -1]).get().value, [[4, 5, 6], [1, 2, 3], [4, 5, 6]]);
  assertEquals(at(X, {}, [[2], [0]]).get().value, [[[3], [1]], [[6], [4]]]);
  assertEquals(at(X, [0, 1], [2, 0]).get().value, [3, 4]);
  assertEquals(at(X, [[0], [1]], [2, 0]).get().value, [[3, 1], [6, 4]]);
  assertEquals(at(X, 1, constant([2, 2])).get().value, [6, 6]);
  assertEquals(at(X).get().value, X);
  assertEquals(at(7).get().value, 7);
});

Deno.test("at() changes a copy", () => {
  const x = variable(X, { trainable: false });
  assertEquals(at(x, 1, 2).set(0).value, [[1, 2, 3], [4, 5, 0]]);
  assertEquals(at(x, {}, { step: 2 }).set([[7, 8], [9, 10]]).value, [[7, 2, 8], [9, 5, 10]]);
  assertEquals(at(x, 0).add(10).value, [[11, 12, 13], [4, 5, 6]]);
  assertEquals(at(x, {}, { step: -2 }).add([1, 2]).value, [[3, 2, 4], [6, 5, 7]]);
  assertEquals(at(x, [0, 0, 1]).add(10).value, [[21, 22, 23], [14, 15, 16]]);
  assertEquals(at(x, [0, 1], [2, 0]).set([8, 9]).value, [[1, 2, 8], [9, 5, 6]]);
  assertEquals(at(x, 1, [0, 0, 2]).set([7, 8, 9]).value, [[1, 2, 3], [8, 5, 9]]);
  assertEquals(at(x).set(X.map((row) => row.map((v) => -v))).value, [[-1, -2, -3], [-4, -5, -6]]);
  assertEquals(at(x, []).set(5).value, X);
  assertEquals(x.value, X);
  assertEquals(at(new Float32Array([1, 2]), 0).set(constant(0.1)).dtype, "float32");
});

Deno.test("derivatives of at() reach the array and the values, those that stay", () => {
  const weights = [1, 10, 100];
  const by = (f: (x: Variable, v: Variable) => Variable, v: number[]): number[][] =>
    grad((x: Variable, y: Variable) => f(x, y).mul(weights).sum(), { argnums: [0, 1] })(
      [1, 2, 3],
      v,
    ) as number[][];
  assertEquals(by((x, v) => at(x, { start: 1 }).set(v), [5, 6]), [[1, 0, 0], [10, 100]]);
  assertEquals(by((x, v) => at(x, [1, 1, 0]).set(v), [5, 6, 7]), [[0, 0, 100], [0, 10, 1]]);
  assertEquals(by((x, v) => at(x, [1, 1, 0]).add(v), [5, 6, 7]), [[1, 10, 100], [10, 10, 1]]);
  checkGradients(
    (x, v) =>
      at(x, { step: -1 }, [2, 0, 2]).set(v).square().sum().add(
        at(x, 1, { start: 1 }).add(v.sum()).exp().sum(),
      ),
    [X.map((row) => row.map((e) => e / 4)), [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]],
  );
});

Deno.test("at() refuses places that are not there", () => {
  assertThrows(() => at(X, 2), RangeError, "Cannot index axis 0 of shape [2, 3] at 2");
  assertThrows(() => at(X, 0, -4), RangeError, "indices are integers from -3 to 2");
  assertThrows(() => at(X, 0.5), RangeError, "at 0.5");
  assertThrows(() => at(X, 0, 0, 0), RangeError, "3 indices are given for 2 axes");
  assertThrows(() => at(X, [0, 2]), RangeError, "at 2");
  assertThrows(() => at(X, { step: 0 }), RangeError, "the step not 0");
  assertThrows(
    () => at(X, { end: 1 } as never),
    TypeError,
    'there is no option "end", use start, stop, step',
  );
  assertThrows(() => at(X, { start: 0.5 }), RangeError, "from 0.5");
  assertThrows(() => at([X, X], [0], {}, [0]), TypeError, "Cannot index axes 0 and 2 by lists");
  assertThrows(() => at(X, [0, 1], [0, 1, 2]), TypeError, "Cannot broadcast");
  assertThrows(() => at(X, 0).set([1, 2]), TypeError, "Cannot broadcast");
  assertThrows(() => at(X, "all" as never), TypeError);
  assertThrows(() => at([], 0), RangeError, "it has no elements");
});

Deno.test("ranges are those of Array.slice()", () => {
  const bound = fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined });
  const step = fc.integer({ min: -3, max: 3 }).filter((n) => n !== 0);
  fc.assert(fc.property(fc.nat(7), bound, bound, step, (length, start, stop, by) => {
    const x = Array.from({ length }, (_, i) => i);
    const range = {
      ...(start === undefined ? {} : { start }),
      ...(stop === undefined ? {} : { stop }),
      step: by,
    };
    const picked = at(x, range).get();
    if (by > 0) assertEquals(picked.value, x.slice(start, stop).filter((_, i) => i % by === 0));
    else {
      // Backwards: every index from start down to, but not including, stop.
      const from = start === undefined
        ? length - 1
        : Math.min(length - 1, start < 0 ? start + length : start);
      const to = stop === undefined ? -1 : Math.max(-1, stop < 0 ? stop + length : stop);
      const expected: number[] = [];
      for (let i = from; i > to && i >= 0; i += by) expected.push(i);
      assertEquals(picked.value, expected);
    }
    assertEquals(at(x, range).set(picked).value, x);
    assertEquals(
      at(x, range).add(picked.neg()).sum().value,
      x.reduce((a, b) => a + b, 0) - picked.sum().item(),
    );
  }));
});

Deno.test("gathering what was scattered counts it once for each index", () => {
  fc.assert(fc.property(fc.array(fc.nat(4), { maxLength: 8 }), (indices) => {
    const counts = [0, 1, 2, 3, 4].map((i) => indices.filter((k) => k === i).length);
    assertEquals(scatterAdd([0, 0, 0, 0, 0], indices, 1).value, counts);
    assertEquals(gather(counts, indices).value, indices.map((i) => counts[i]!));
  }));
});
