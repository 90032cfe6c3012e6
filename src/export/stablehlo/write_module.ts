import { plainValue } from "../../variable/rows.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Graph, Node } from "../../compiler/mod.ts";
import { Body, type Tensor } from "./body.ts";
import { ELEMENT_TYPES, typeText } from "./types.ts";
import type { ShardingTexts } from "./shardings.ts";
import { RowWriter } from "./write_graph.ts";
import type { ProductPrecision } from "./writers/writing.ts";

/** What a module is written of. */
export interface ModuleParts {
  /** The name of the module. */
  readonly name: string;
  /** Its inputs are those of the module, then one for each captured Variable. */
  readonly graph: Graph;
  /** Variables whose values are written into the module. */
  readonly captured: readonly Variable[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Which results take over the memory of which inputs. */
  readonly aliases: ReadonlyMap<number, number>;
  readonly shardings: ShardingTexts | undefined;
  readonly precision: ProductPrecision;
}

/** Writes a module with one function, `main`. */
export function writeModule(parts: ModuleParts): string {
  const { name, graph, captured, inputNames, outputNames, aliases, shardings, precision } = parts;
  const body = new Body();
  const inputs = graph.inputs.slice(0, inputNames.length);
  const parameters = inputs.map((node, i): Tensor => ({ name: `%arg${i}`, ...tensorType(node) }));
  const constants = captured.map((x) => {
    const value = plainValue(x);
    return typeof value === "number" ? body.constant(value, [], ELEMENT_TYPES[x.dtype]) : body.array(value);
  });
  const results = new RowWriter(body, precision).writeGraph(graph, [...parameters, ...constants]);
  const inputTexts = inputs.map((node, i) => {
    const alias = aliases.get(i);
    return `%arg${i}: ${typeOf(node)}${
      attributesText([
        `jax.arg_info = ${JSON.stringify(inputNames[i])}`,
        shardings?.inputs[i],
        alias === undefined ? undefined : `tf.aliasing_output = ${alias} : i32`,
      ])
    }`;
  });
  const outputTexts = graph.outputs.map((node, i) =>
    `${typeOf(node)}${
      attributesText([`jax.result_info = ${JSON.stringify(outputNames[i])}`, shardings?.outputs[i]])
    }`
  );
  const types = graph.outputs.map(typeOf).join(", ");
  return [
    `module @${JSON.stringify(name)} attributes {mhlo.num_partitions = ${
      shardings?.devices ?? 1
    } : i32, mhlo.num_replicas = 1 : i32} {`,
    ...shardings === undefined ? [] : [`  ${shardings.mesh}`],
    `  func.func public @main(${inputTexts.join(", ")}) -> (${outputTexts.join(", ")}) {`,
    ...body.lines.map((line) => `    ${line}`),
    `    return ${results.map((r) => r.name).join(", ")}${results.length > 0 ? ` : ${types}` : ""}`,
    "  }",
    "}",
    "",
  ].join("\n");
}

function tensorType({ shape, dtype }: Node): Pick<Tensor, "shape" | "type"> {
  return { shape, type: ELEMENT_TYPES[dtype] };
}

function typeOf({ shape, dtype }: Node): string {
  return typeText(shape, ELEMENT_TYPES[dtype]);
}

function attributesText(attributes: readonly (string | undefined)[]): string {
  const stated = attributes.filter((a) => a !== undefined);
  return stated.length === 0 ? "" : ` {${stated.join(", ")}}`;
}
