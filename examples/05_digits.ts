/**
 * Handwritten digits with a convolutional network. `deno task example:digits` makes digits up, so that nothing has to be
 * downloaded; with the four files of MNIST it learns those:
 * `deno task example:digits --images train-images --labels train-labels --test-images … --test-labels …`.
 */
import { constant } from "../mod.ts";
import { type Examples, makeDigits, readIdx } from "../src/data/mod.ts";
import { conv2d, dense, dropout, flatten, maxPooling2d, sequential } from "../src/nn/mod.ts";
import { fail, orFail, readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Learns to read digits.

Usage: deno task example:digits [options]
  --images FILE        pictures to train on, in the IDX format, packed by gzip or not (default: made up)
  --labels FILE        their digits
  --test-images FILE   pictures to test on
  --test-labels FILE   their digits
  --epochs N           times through the data (default: 6)
  --help               print this`,
  ["images", "labels", "test-images", "test-labels", "epochs"],
);
const epochs = readCount("epochs", flags.epochs, 6);

// 1. The data: pictures [count, 28, 28, 1] of numbers from 0 (paper) to 1 (ink).
const files = [flags.images, flags.labels, flags["test-images"], flags["test-labels"]];
if (files.some(Boolean) && !files.every(Boolean)) {
  fail("Cannot read digits: give all of --images, --labels, --test-images and --test-labels, or none");
}
const [train, test] = files.every(Boolean)
  ? [await readDigits(files[0]!, files[1]!), await readDigits(files[2]!, files[3]!)]
  : [makeDigits({ count: 3000, size: 20, seed: 1 }), makeDigits({ count: 400, size: 20, seed: 2 })];
const [count, height, width] = train.features.shape as [number, number, number];
console.log(`${count} pictures of ${height} x ${width} to train on, ${test.features.shape[0]} to test on`);
draw(train.features.data.subarray(0, height * width), width);
console.log(`This is a ${train.labels.data[0]}.\n`);

// 2. The model. A filter looks for the same small pattern everywhere, which is what strokes are; pooling forgets where
//    exactly it was. Dropout leaves out half of the numbers while training, so that none is relied on alone.
//    [B, 20, 20, 1] -> [B, 18, 18, 16] -> [B, 9, 9, 16] -> [B, 7, 7, 32] -> [B, 3, 3, 32] -> [B, 288] -> [B, 10]
const model = sequential([
  conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
  maxPooling2d({ poolSize: 2 }),
  conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
  maxPooling2d({ poolSize: 2 }),
  flatten(),
  dropout({ rate: 0.5 }),
  dense({ units: 10, activation: "softmax" }),
], { seed: 1 }).build([height, width, 1]);
model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
console.log(model.summary());
await model.fit(train.features, train.labels, {
  epochs,
  batchSize: 32,
  callbacks: {
    onEpochEnd(epoch, logs) {
      const percent = (100 * logs["accuracy"]!).toFixed(1);
      console.log(
        `epoch ${epoch + 1}  loss ${logs["loss"]!.toFixed(4)}  accuracy ${percent} % (with dropout)`,
      );
    },
  },
});

// 3. The result, and the pictures that were read wrongly: often one sees why.
const { accuracy } = model.evaluate(test.features, test.labels);
const shares = model.predict(test.features); // [B, 10]
const answers = constant(shares).argMax({ axis: 1 }).data;
const wrong = Array.from(answers.keys()).find((i) => answers[i] !== test.labels.data[i]);
if (wrong !== undefined) {
  console.log(`\nRead as ${answers[wrong]}, but meant as ${test.labels.data[wrong]}:`);
  draw(test.features.data.subarray(wrong * height * width, (wrong + 1) * height * width), width);
}
console.log(`\naccuracy on new pictures: ${(100 * accuracy!).toFixed(1)} %`);

async function readDigits(images: string, labels: string): Promise<Examples> {
  const [pictures, digits] = await orFail(() => Promise.all([readIdx(images), readIdx(labels)]));
  const ink = constant(pictures).cast("float32").div(255).expandDims(-1); // [count, 28, 28, 1]
  return { features: ink.toArray(), labels: digits };
}

function draw(ink: ArrayLike<number>, width: number): void {
  for (let at = 0; at < ink.length; at += width) {
    console.log(
      Array.from({ length: width }, (_, i) => " .:*#"[Math.round(4 * ink[at + i]!)]!.repeat(2)).join(""),
    );
  }
}
