/** Random programs as training steps: however the state is passed on, the numbers have the same bits. */
import { assertEquals } from "@std/assert";
import { compile, constant, valueAndGrad, type Variable } from "../../../mod.ts";
import { memoryInUse } from "../../../src/compiler/wasm/linear_memory.ts";
import { randomProgram } from "../../compiler/random_programs.ts";

const PROGRAMS = 60;
const STEPS = 4;

type Step = (state: readonly Variable[]) => readonly [Variable[], Variable];

/** A step that changes two of three inputs by their gradients. */
function stepOf(
  seed: number,
): { step: Step; run: (state: readonly Variable[]) => Variable; start: readonly Variable[] } {
  const { inputs, run } = randomProgram(seed);
  const both = valueAndGrad(run, { argnums: inputs.map((_, i) => i) }) as unknown as (
    ...x: readonly Variable[]
  ) => [Variable, Variable[]];
  const step: Step = (state) => {
    const [value, slopes] = both(...state);
    return [state.map((x, i) => i % 3 === 2 ? x : x.sub(slopes[i]!.mul(0.01))), value];
  };
  return { step, run: (state) => run(...state), start: inputs };
}

const bits = (state: readonly Variable[]): number[][] => state.map((x) => [...x.data]);

Deno.test("random training steps give the same bits copied, donated, in a loop, and read where they stand", () => {
  const before = memoryInUse();
  for (let seed = 0; seed < PROGRAMS; seed++) {
    const { step, run, start } = stepOf(seed);
    {
      using copying = compile(step);
      using donating = compile(step, { donate: [0] });
      using looping = compile(step, { donate: [0] });
      using evaluating = compile(run);
      using reading = compile(run);
      const loop = looping.loop(start);
      let copied: readonly Variable[] = start;
      let donated: readonly Variable[] = start;
      for (let i = 0; i < STEPS; i++) {
        const first = copying(copied);
        const second = donating(donated);
        const values = [first[1], second[1], ...loop.next()];
        copied = first[0];
        donated = second[0];
        const expected = evaluating(copied).data;
        assertEquals(reading(donated).data, expected, `seed ${seed}, read from calls`);
        assertEquals(
          loop.withState((state) => reading(state).data),
          expected,
          `seed ${seed}, read from the loop`,
        );
        assertEquals(values.map((x) => x.item()), new Array(3).fill(values[0]!.item()), `seed ${seed}`);
        // Every other time the state is kept, and so has to be copied.
        if (i % 2 === 1) donated = donated.map((x) => constant(x));
      }
      assertEquals(bits(donated), bits(copied), `seed ${seed}, calls`);
      assertEquals(bits(loop.state()), bits(copied), `seed ${seed}, loop`);
    }
    assertEquals(memoryInUse(), before, `seed ${seed}`);
  }
});
