import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { NdArray } from "../../src/array/nd_array.ts";
import { parseNpy, parseNpz, parseSafetensors, readSafetensors } from "../../src/formats/mod.ts";
import npy from "../fixtures/files/npy/expected.json" with { type: "json" };
import npz from "../fixtures/files/npz/expected.json" with { type: "json" };
import safetensors from "../fixtures/files/safetensors/expected.json" with { type: "json" };

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Case {
  readonly name: string;
  readonly file: string;
  readonly lossy?: boolean;
  readonly refused?: boolean;
  readonly values?: Values;
  readonly arrays?: { readonly [name: string]: Values };
  readonly tensors?: { readonly [name: string]: Values };
  readonly metadata?: { readonly [name: string]: string } | null;
}

function bytesOf({ file }: Case): Uint8Array {
  return Deno.readFileSync(new URL(`../fixtures/files/${file}`, import.meta.url));
}

function compare(found: NdArray | undefined, { shape, data }: Values, what: string): void {
  assertEquals(found?.shape, [...shape], what);
  assertEquals(Array.from(found?.data ?? []), data.map(Number), what);
}

function compareAll(found: { [name: string]: NdArray }, expected: { [name: string]: Values }): void {
  assertEquals(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) compare(found[name], values, name);
}

for (const each of npy.cases as unknown as readonly Case[]) {
  const { values } = each;
  if (each.lossy || values === undefined) {
    Deno.test(`parseNpy() refuses what NumPy wrote as ${each.name}`, () => {
      assertThrows(() => parseNpy(bytesOf(each)), each.lossy ? RangeError : TypeError);
    });
  } else {
    Deno.test(`parseNpy() reads what NumPy wrote as ${each.name}`, () =>
      compare(parseNpy(bytesOf(each)), values, each.name));
  }
}

for (const each of npz.cases as unknown as readonly Case[]) {
  Deno.test(`parseNpz() reads what NumPy wrote as ${each.name}`, async () =>
    compareAll(await parseNpz(bytesOf(each)), { ...each.arrays }));
}

for (const each of safetensors.cases as unknown as readonly Case[]) {
  if (each.lossy) {
    Deno.test(`readSafetensors() refuses what Python wrote as ${each.name}`, async () => {
      const path = new URL(`../fixtures/files/${each.file}`, import.meta.url);
      await assertRejects(() => readSafetensors(path), RangeError);
    });
  } else {
    Deno.test(`parseSafetensors() reads what Python wrote as ${each.name}`, () => {
      const { tensors, metadata } = parseSafetensors(bytesOf(each));
      compareAll(tensors, { ...each.tensors });
      assertEquals({ ...metadata }, { ...each.metadata });
    });
  }
}
