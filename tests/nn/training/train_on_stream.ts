/**
 * Trains once through rows that a generator makes, lists of numbers on the ordinary heap, and prints what that took.
 *
 *     deno run train_on_stream.ts MEGABYTES
 */
import { Dataset } from "../../../src/data/mod.ts";
import { dense, sequential } from "../../../src/nn/mod.ts";
import { adam } from "../../../src/optim/mod.ts";

const WIDTH = 1024;
const BATCH = 256;
const rows = Number(Deno.args[0]) * 2 ** 20 / (8 * WIDTH);

const data = Dataset.fromGenerator(function* () {
  for (let i = 0; i < rows; i++) {
    const x = new Array<number>(WIDTH).fill(0);
    x[0] = i % 3 - 1;
    x[i % (WIDTH - 1) + 1] = 1;
    yield [x, [2 * x[0]]] as const;
  }
}).shuffle(BATCH).batch(BATCH).prefetch(2);

const model = sequential([dense({ units: 1, inputShape: [WIDTH] })]);
model.compile({ optimizer: adam({ learningRate: 0.02 }), loss: "meanSquaredError" });
const losses: number[] = [];
let most = 0;
await model.fit(data, {
  callbacks: {
    onBatchEnd(_, logs) {
      losses.push(logs["loss"]!);
      most = Math.max(most, Deno.memoryUsage().rss);
    },
  },
});
console.log(JSON.stringify({ rows, steps: losses.length, most, first: losses[0], last: losses.at(-1) }));
