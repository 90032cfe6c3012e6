import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { article } from "./_options.ts";

/** Defines a kind of layer that takes one Variable, and refuses other inputs, such as a list of several. */
export function defineOneInputLayer<P extends object>(
  kind: string,
  make: (options: P & LayerOptions) => (x: Variable, context: Context) => Variable,
): LayerFactory<P> {
  return defineLayer(kind, (options: P & LayerOptions) => {
    const compute = make(options);
    return (x: Variable, context: Context): Variable => {
      if (x instanceof Variable) return compute(x, context);
      throw new TypeError(
        message`Cannot apply ${article(kind)} ${kind} layer to ${
          describeValue(x)
        }: its input is one Variable, not
        several`,
      );
    };
  });
}
