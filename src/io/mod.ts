/**
 * Files: models, weights and checkpoints as safetensors, arrays in the formats of NumPy and safetensors.
 *
 * @module
 */
export {
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  type NpzOptions,
  parseNpy,
  parseNpz,
  parseSafetensors,
  readNpy,
  readNpz,
  readSafetensors,
  type Safetensors,
  type Writable,
  writeNpy,
  writeNpz,
  writeSafetensors,
} from "../formats/mod.ts";
export { checkpoint, type CheckpointOptions } from "./checkpoint.ts";
export { loadModel } from "./load_model.ts";
export { loadWeights, type WeightsReport } from "./load_weights.ts";
export { loadTfjsModel, type TfjsArtifacts } from "./tfjs/load_tfjs_model.ts";
export { tensorBoard, type TensorBoardOptions } from "./tensor_board.ts";
