/**
 * Serves a saved model over HTTP: numbers in, predictions out, as JSON. Without a file it serves one that tells Iris
 * flowers apart, which it trains first.
 *
 * deno task serve --model iris.safetensors
 * curl -d '{"inputs": [[5.1, 3.5, 1.4, 0.2]]}' localhost:8000/predict
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Variable } from "../mod.ts";
import { loadIris } from "../src/data/mod.ts";
import { loadModel } from "../src/io/mod.ts";
import { adaptNormalization, dense, type Model, sequential } from "../src/nn/mod.ts";
import { adam } from "../src/optim/mod.ts";
import { orFail, readNumber, rejectUnknown } from "./_command_line.ts";
import { modelService } from "./_model_service.ts";

const HELP = `Serves a saved model over HTTP.

Usage: deno task serve [options]
  --model FILE         what model.save() wrote (default: trains one on Fisher's Iris data)
  --host NAME          where to listen (default: 127.0.0.1)
  --port N             (default: 8000; 0 for any that is free)
  --max-bytes N        the most bytes of a request for predictions (default: 1000000)
  --max-model-bytes N  the most bytes of a model (default: 100000000)
  --token TEXT         what POST /model asks for as Authorization: Bearer; without it nobody can replace the model
  --help               print this

  POST /predict        { "inputs": [[5.1, 3.5, 1.4, 0.2]] } gives { "outputs": [[…]], "version": 1 }
                       { "rows": [{ "height": 1, "kind": "a" }] } gives { "predictions": [{…}], "version": 1 } for
                       a model that the command line trained on a table
  GET /model           what the model is
  POST /model          replaces the model by the one sent, as bytes`;

const flags = parseArgs(Deno.args, {
  string: ["model", "host", "port", "max-bytes", "max-model-bytes", "token"],
  boolean: ["help"],
  unknown: rejectUnknown,
});
if (flags.help) {
  console.log(HELP);
  Deno.exit(0);
}

const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
const isPort = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= 65535;
const size = (name: "max-bytes" | "max-model-bytes", otherwise: number): number =>
  readNumber(name, flags[name], isSize, "an integer from 1 up") ?? otherwise;
const port = readNumber("port", flags.port, isPort, "an integer from 0 to 65535") ?? 8000;
const limits = {
  requestBytes: size("max-bytes", 1_000_000),
  modelBytes: size("max-model-bytes", 100_000_000),
  token: flags.token,
};

const model = await orFail(() => flags.model === undefined ? trainOnIris() : loadModel(flags.model));
const server = await orFail(() =>
  Deno.serve({
    port,
    hostname: flags.host ?? "127.0.0.1",
    onListen: ({ hostname, port }) => console.log(`Listening on http://${hostname}:${port}`),
  }, modelService(model, limits))
);
// Requests that have begun are answered before it ends.
for (const signal of ["SIGINT", ...Deno.build.os === "windows" ? [] : ["SIGTERM"]] as const) {
  Deno.addSignalListener(signal as Deno.Signal, () => void server.shutdown());
}
await server.finished;
Deno.exit(0);

async function trainOnIris(): Promise<Model<Variable, Variable>> {
  const { features, labels, classes } = loadIris();
  const trained = sequential([
    adaptNormalization(features),
    dense({ units: 8, activation: "tanh" }),
    dense({ units: classes.length, activation: "softmax" }),
  ]).build([4]);
  trained.compile({ optimizer: adam({ learningRate: 0.1 }), loss: "sparseCategoricalCrossentropy" });
  await trained.fit(features, labels, { epochs: 100, batchSize: features.shape[0]!, verbose: 0 });
  trained.metadata = { classes: [...classes] };
  return trained;
}
