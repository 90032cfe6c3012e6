import { assert, assertEquals } from "@std/assert";
import { NdArray } from "../../src/array/nd_array.ts";
import { minMaxScaler, robustScaler, type Scaler, standardScaler } from "../../src/data/mod.ts";
import fixture from "../fixtures/framework/data.json" with { type: "json" };

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly options: { readonly featureRange?: readonly [number, number] };
  readonly data: Values;
  readonly other: Values;
  readonly transformed: Values;
  readonly transformedOther: Values;
  readonly inverseOfOther: Values;
}

const SCALERS: { readonly [kind: string]: (options: Case["options"]) => Scaler } = {
  standardScaler,
  minMaxScaler: ({ featureRange: [low, high] = [0, 1] }) => minMaxScaler({ low, high }),
  robustScaler,
};

function read({ shape, data }: Values): NdArray {
  return new NdArray(Float64Array.from(data, Number), [...shape]);
}

function compare(found: NdArray, expected: Values, what: string): void {
  assertEquals([...found.shape], [...expected.shape], what);
  const right = expected.data.map(Number);
  const scale = Math.max(...right.map(Math.abs), 1);
  right.forEach((value, i) => {
    assert(
      Math.abs(found.data[i]! - value) <= 1e-12 * scale,
      `${what}[${i}] is ${found.data[i]}, expected ${value}`,
    );
  });
}

/** Whether we have the scaler with these options; missing values are refused here. */
function isOurs({ kind, options, data }: Case): boolean {
  const keys = Object.keys(options).filter((key) => key !== "featureRange");
  return kind in SCALERS && keys.length === 0 && !data.data.includes("NaN");
}

const cases = (fixture.cases as unknown as readonly Case[]).filter(isOurs);

for (const each of cases) {
  Deno.test(`${each.name} gives the numbers of scikit-learn`, () => {
    const scaler = SCALERS[each.kind]!(each.options).fit(read(each.data));
    compare(scaler.transform(read(each.data)), each.transformed, "transformed");
    compare(scaler.transform(read(each.other)), each.transformedOther, "transformedOther");
    compare(scaler.inverseTransform(read(each.other)), each.inverseOfOther, "inverseOfOther");
  });
}

Deno.test("scalers are compared with scikit-learn at all", () => {
  assertEquals(new Set(cases.map(({ kind }) => kind)), new Set(Object.keys(SCALERS)));
});
