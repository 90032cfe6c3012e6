/** How models show themselves: as their summary, in notebooks as a table. */
import { escapeHtml, htmlTable, showAs } from "../../_internal/show.ts";
import { Model } from "./model.ts";

type AnyModel = Model<unknown, unknown>;

showAs<AnyModel>(
  Model.prototype as AnyModel,
  (model) => isBuilt(model) ? model.summary() : outline(model),
  (model) => {
    if (!isBuilt(model)) return `<p>${escapeHtml(outline(model))}</p>`;
    const lines = model.summary().split("\n");
    const rows = model.layerGraph().map((
      { name, kind, shape, parameters },
    ) => [name, kind, shape, String(parameters)]);
    return `<p><b>${escapeHtml(lines[0]!)}</b></p>${
      htmlTable(["layer", "kind", "output shape", "parameters"], rows)
    }<p>${escapeHtml(lines.at(-1)!)}</p>`;
  },
);

function isBuilt(model: AnyModel): boolean {
  return model.builtInputs !== undefined;
}

/** What is known of a model before the shapes of its inputs are. */
function outline(model: AnyModel): string {
  return `${model.name ?? model.kind} (not built): ${
    [...model.layersByName.keys()].join(", ") || "no layers"
  }`;
}
