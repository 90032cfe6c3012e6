/** What every host must compute alike, with nothing but the language, WebAssembly and the library. */
import { compile, constant, grad, type Variable } from "../../mod.ts";
import { loadIris, parseCsv } from "../../src/data/mod.ts";
import { dense, sequential } from "../../src/nn/mod.ts";
import { sgd } from "../../src/optim/mod.ts";
import { key, normal } from "../../src/random/mod.ts";

/** Numbers as text, to as many digits as the mathematical functions of hosts agree on. */
function show(values: Iterable<number>): string {
  return Array.from(values, (x) => x.toPrecision(5)).join(" ");
}

function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return "nothing was thrown";
}

/** Trains on Iris; the steps run compiled. */
async function train(): Promise<string> {
  const { features, labels } = loadIris({ classes: ["setosa", "versicolor"] });
  const model = sequential([
    dense({ units: 3, activation: "sigmoid" }),
    dense({ units: 1, activation: "sigmoid" }),
  ]);
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy", metrics: ["accuracy"] });
  const { history } = await model.fit(features, labels, { epochs: 5, verbose: 0 });
  return show(history["loss"]!);
}

/** The same sum in this thread and in two. */
function sumInThreads(threads: number): string {
  const f = compile((x: Variable) => x.tanh().square().mul(x.sigmoid()).sum(), { threads });
  const x = constant(Float32Array.from({ length: 1 << 17 }, (_, i) => i / (1 << 16) - 1));
  const text = show([f(x).item()]);
  f[Symbol.dispose]();
  return text;
}

/** Each result by name. */
export async function run(): Promise<Record<string, string>> {
  const f = (x: Variable): Variable => x.sin().mul(x.exp()).add(x.matmul([[1, 2], [3, 4]])).sum();
  const at = constant([[0.5, -1], [2, 0.1]]);
  const compiled = compile(grad(f));
  return {
    derivative: show(grad(f)(at).data),
    "second derivative": show(grad((x: Variable) => grad(f)(x).square().sum())(at).data),
    compiled: show(compiled(at).data),
    "compiled to": compiled.stats().map(({ target }) => target).join(),
    "in one thread": sumInThreads(1),
    "in two threads": sumInThreads(2),
    training: await train(),
    "random numbers": show(normal(key(7), [4]).data),
    CSV: show(parseCsv("x,y\n1,2\n3,4\n").numbers("y")),
    error: messageOf(() => constant([1, 2]).matmul([[1, 2, 3]])),
  };
}
