import { assert, assertEquals } from "@std/assert";
import { dense, sequential } from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

const X = uniform(key(1), [256, 64], { dtype: "float32" });

/** What a process that trains answers and does meanwhile. */
async function train(yieldEvery?: number): Promise<{ answers: number; ticks: number }> {
  const model = sequential([dense({ units: 64, activation: "relu" }), dense({ units: 1 })]);
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("here"),
  );
  let answers = 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const seen = new AbortController();
  const ask = async (): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${server.addr.port}/`);
    assertEquals(await answer.text(), "here");
    answers++;
    if (ticks > 2) seen.abort();
  };
  // Trains until a request was answered, and timers have ticked; without turns until it is done.
  const epochs = yieldEvery === Infinity ? 20 : 1_000_000;
  const asking = (async () => {
    while (!seen.signal.aborted && (yieldEvery !== Infinity || answers === 0)) await ask();
  })();
  await model.fit(X, X.slice([0, 0], [256, 1]), {
    epochs,
    signal: seen.signal,
    ...yieldEvery === undefined ? {} : { yieldEvery },
  }).catch((error) => assert(seen.signal.aborted, error));
  const during = { answers, ticks };
  clearInterval(timer);
  await asking;
  await server.shutdown();
  return during;
}

Deno.test("timers tick and requests are answered while a model trains", async () => {
  const { answers, ticks } = await train();
  assert(answers >= 1 && ticks >= 1, `${answers} answers, ${ticks} ticks`);
});

Deno.test("yieldEvery Infinity gives no turn to anybody", async () => {
  assertEquals(await train(Infinity), { answers: 0, ticks: 0 });
});

Deno.test("yieldEvery 0 gives a turn after each step", async () => {
  const model = sequential([dense({ units: 1 })]);
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setTimeout(count, 0);
  };
  setTimeout(count, 0);
  await model.fit(X, X.slice([0, 0], [256, 1]), { batchSize: 8, yieldEvery: 0 });
  isDone = true;
  const seen = turns;
  await new Promise((done) => setTimeout(done, 10));
  assert(seen >= 8, `${seen} turns in 32 steps`);
});
