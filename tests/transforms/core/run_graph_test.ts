import { assertEquals } from "@std/assert";
import { INPUT, reverseWalk, tape } from "../../../src/tape/mod.ts";
import { RecordedFunction } from "../../../src/transforms/core/graphs.ts";
import { handleOf } from "../../../src/variable/variable.ts";
import { variable } from "../../../mod.ts";

Deno.test("RecordedFunction writes the rows again, with the values they had, ready to be walked", () => {
  const w = variable(5);
  const early = w.mul(2);
  tape.frame("a test", ({ mark }) => {
    const x = handleOf(tape.leaf(INPUT, 3, "float64"));
    x.sub(100);
    const y = x.mul(early.add(1)).add(x.mul(2)).add(variable(7));
    const recorded = new RecordedFunction(mark, [y.row, x.row, y.row], [x.row]);
    tape.rewind(mark);
    for (let again = 0; again < 2; again++) {
      const start = tape.length;
      const { inputs, outputs } = recorded.append();
      assertEquals([outputs[1], outputs[2]], [inputs[0], outputs[0]]);
      assertEquals(tape.valueOf(outputs[0]!), 46);
      assertEquals(reverseWalk(tape, start, outputs[0]!, 1).at(inputs[0]!), 13);
    }
  });
  tape.clear();
});
