import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { constant, debugNans, grad, jvp, tape, type Variable, variable } from "../../mod.ts";

/** The message of the error that a function throws while debugging. */
function messageOf(run: () => unknown): string {
  using _ = debugNans();
  return assertThrows(run, RangeError).message;
}

Deno.test("debugNans() stops the recording at the first value that is not finite", () => {
  const f = (x: Variable): Variable => x.sub(2).log().mul(0);
  const message = messageOf(() => grad(f)(1));
  assertMatch(
    message,
    /^Cannot go on recording: log at row 3 gave NaN, its operands are %2 = -1; recorded at /,
  );
  assertMatch(message, /debug_test\.ts:\d+:\d+$/);
  const w = variable([1, 0], { name: "w" });
  assertMatch(
    messageOf(() => w.log().sum()),
    /log at row 1 gave -Infinity, its operands are %0 w = \[2\] 1 0/,
  );
  assertMatch(messageOf(() => w.div([0, 0])), /div at row \d+ gave NaN/);
  tape.clear();
});

Deno.test("debugNans() watches the walk backwards and names the line that recorded the row", () => {
  // The value is finite, the derivative of sqrt at 0 is not.
  const scalar = messageOf(() => grad((x: Variable) => x.sqrt().mul(3))(0));
  assertMatch(
    scalar,
    /^Cannot walk backwards: sqrt at row 1 passes Infinity to operand 0, its own adjoint is 3/,
  );
  assertMatch(scalar, /debug_test\.ts/);
  const array = messageOf(() => grad((x: Variable) => x.sqrt().sum())([1, 0]));
  assertMatch(array, /sqrt at row 1 passes Infinity to operand 0, its own adjoint is \[2\] 1 1/);
});

Deno.test("debugNans() watches the walk forwards, at once and recorded", () => {
  assertMatch(
    messageOf(() => jvp((x: Variable) => x.sqrt())([0], [1])),
    /^Cannot walk forwards: the tangent of sqrt at row 1 is Infinity/,
  );
  assertMatch(messageOf(() => grad(grad((x: Variable) => x.sqrt()))(0)), /Cannot go on recording/);
});

Deno.test("an infinity that was there before is let through", () => {
  using _ = debugNans();
  const masked = (x: Variable): Variable => constant([1, 0]).where(x, -Infinity).max();
  assertEquals(grad(masked)([1, 2]), [1, 0]);
});

Deno.test("debugNans() gives the earlier setting back, and changes nothing while off", () => {
  const f = (x: Variable): Variable => x.log();
  {
    using outer = debugNans();
    assertEquals(outer.previous, false);
    {
      using inner = debugNans(false);
      assertEquals(inner.previous, true);
      assertEquals(grad(f)(0), Infinity);
    }
    assertThrows(() => grad(f)(0), RangeError);
  }
  assertEquals(grad(f)(0), Infinity);
  assertEquals(tape.length, 0);
});

Deno.test("derivatives have the same bits while debugging", () => {
  const f = (x: Variable): Variable => x.mul(x.sin()).exp().sum().add(x.max());
  const plain = [
    grad(f)([0.3, 0.7]),
    jvp(f)([[0.3, 0.7]], [[1, 2]])[1].item(),
    grad((x: Variable) => x.tanh())(0.3),
  ];
  using _ = debugNans();
  assertEquals(
    [grad(f)([0.3, 0.7]), jvp(f)([[0.3, 0.7]], [[1, 2]])[1].item(), grad((x: Variable) => x.tanh())(0.3)],
    plain,
  );
});
