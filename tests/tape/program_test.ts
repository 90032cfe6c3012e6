import { assertEquals } from "@std/assert";
import { appendProgram, cutProgram, INPUT, reverseWalk, tape } from "../../src/tape/mod.ts";
import { handleOf, type Variable } from "../../src/variable/variable.ts";
import { variable } from "../../mod.ts";

/** Records something with an input, a trainable Variable, constants and dead rows, and hands it over. */
function recorded(run: (mark: number, x: Variable, y: Variable) => void): void {
  const w = variable(5);
  const early = w.mul(2);
  tape.frame(({ mark }) => {
    const x = handleOf(tape.leaf(INPUT, 3, "float64"));
    x.sub(100);
    const scale = early.add(1);
    run(mark, x, x.mul(scale).add(x.mul(2)).add(variable(7)));
  });
  tape.clear();
}

Deno.test("cutProgram() keeps what the outputs need, and turns what is known into leaves", () => {
  recorded((mark, x, y) => {
    const { rows, inputs, outputs } = cutProgram(tape, mark, [y.row], [x.row]);
    const names = rows.map((row) => row.operation?.name ?? row.kind);
    assertEquals(names, ["input", "outer", "mul", "constant", "mul", "add", "outer", "add"]);
    assertEquals([inputs, outputs], [[0], [7]]);
    assertEquals(rows.map((row) => row.value), [3, 11, 33, 2, 6, 39, 7, 46]);
    rows.forEach((row, i) => row.operands.forEach((operand) => assertEquals(operand < i, true)));
  });
});

Deno.test("appendProgram() writes the rows again, ready to be walked", () => {
  recorded((mark, x, y) => {
    const program = cutProgram(tape, mark, [y.row], [x.row]);
    const start = tape.length;
    const places = appendProgram(tape, program);
    assertEquals(places, program.rows.map((_, i) => start + i));
    const [input, output] = [places[program.inputs[0]!]!, places[program.outputs[0]!]!];
    assertEquals(tape.valueOf(output), 46);
    assertEquals(reverseWalk(tape, start, output, 1).at(input), 13);
  });
});

Deno.test("an input can be an output, and outputs can come twice", () => {
  recorded((mark, x, y) => {
    const { rows, inputs, outputs } = cutProgram(tape, mark, [x.row, y.row, y.row], [x.row]);
    assertEquals(outputs[0], inputs[0]);
    assertEquals([outputs[1], rows.length], [outputs[2], 8]);
  });
});
