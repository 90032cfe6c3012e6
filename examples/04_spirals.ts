/**
 * Three arms of a spiral, told apart by a network of two hidden layers, with the boundary that it has found drawn as
 * text. `deno task example:spirals`
 */
import { constant } from "../mod.ts";
import { makeSpirals } from "../src/data/mod.ts";
import { dense, sequential } from "../src/nn/mod.ts";
import { adam, cosineDecay } from "../src/optim/mod.ts";
import { boundaryChart } from "../src/viz/mod.ts";
import { checkFolder, readCount, readFlags, readNumber } from "./_command_line.ts";

const flags = readFlags(
  `Tells the arms of a spiral apart and draws the boundary.

Usage: deno task example:spirals [options]
  --epochs N       times through the data (default: 150)
  --classes N      arms of the spiral, 2 to 6 (default: 3)
  --out DIR        where boundary.svg goes (default: no picture)
  --help           print this`,
  ["epochs", "classes", "out"],
);
if (flags.out !== undefined) await checkFolder(flags.out, ["boundary.svg"]);
const epochs = readCount("epochs", flags.epochs, 150);
const classes =
  readNumber("classes", flags.classes, (n) => [2, 3, 4, 5, 6].includes(n), "an integer from 2 to 6") ?? 3;

// 1. The data: points in a circle of radius 1, and other ones of the same kind to test on. No straight line separates
//    the arms, so a network without a hidden layer is hardly better than a guess.
const train = makeSpirals({ classes, count: 600, seed: 1 }); // features [600, 2], labels [600]
const test = makeSpirals({ classes, count: 600, seed: 2 });

// 2. The model. Each unit of the first layer is a soft line across the plane; the second one combines lines into
//    curves; the last one gives the share of each class. The learning rate falls along half a cosine, so that the
//    last steps settle down.
const steps = epochs * Math.ceil(600 / 32);
const model = sequential([
  dense({ units: 32, activation: "tanh" }),
  dense({ units: 32, activation: "tanh" }),
  dense({ units: classes, activation: "softmax" }),
], { seed: 3 });
model.compile({
  optimizer: adam({ learningRate: cosineDecay(0.02, { steps }) }),
  loss: "sparseCategoricalCrossentropy",
  metrics: ["accuracy"],
});
const { history } = await model.fit(train.features, train.labels, { epochs, batchSize: 32 });
for (const epoch of [0, Math.floor(epochs / 4), Math.floor(epochs / 2), epochs - 1]) {
  console.log(`epoch ${String(epoch + 1).padStart(3)}  loss ${history["loss"]![epoch]!.toFixed(4)}`);
}

// 3. What it thinks of every place: a letter where it is sure, a dot where no class has 90 per cent. Capital letters are
//    points that it has not seen.
const [width, height] = [66, 30];
const places = Array.from({ length: width * height }, (_, i) => [
  ((i % width) / (width - 1) - 0.5) * 2.2,
  (0.5 - Math.floor(i / width) / (height - 1)) * 2.2,
]);
const shares = model.predict(constant(places)).data; // [width * height, classes]
const picture = Array.from(places, (_, i) => {
  const row = Array.from(shares.subarray(i * classes, (i + 1) * classes));
  const best = Math.max(...row);
  return best < 0.9 ? "." : "abcdef"[row.indexOf(best)]!;
});
for (let i = 0; i < 150; i++) {
  const [x, y] = [test.features.data[2 * i]!, test.features.data[2 * i + 1]!];
  const column = Math.round((x / 2.2 + 0.5) * (width - 1));
  const line = Math.round((0.5 - y / 2.2) * (height - 1));
  picture[line * width + column] = "ABCDEF"[test.labels.data[i]!]!;
}
console.log();
for (let line = 0; line < height; line++) {
  console.log(picture.slice(line * width, (line + 1) * width).join(""));
}

const { accuracy } = model.evaluate(test.features, test.labels);
console.log(`\naccuracy on new points: ${(100 * accuracy!).toFixed(1)} %`);

// 4. The same as a picture, if it is wanted.
if (flags.out !== undefined) {
  const svg = await boundaryChart(test.features, test.labels, (x) => model.predict(x), {
    title: "What the network says",
  });
  await Deno.writeTextFile(`${flags.out}/boundary.svg`, svg);
  console.log(`wrote ${flags.out}/boundary.svg`);
}
