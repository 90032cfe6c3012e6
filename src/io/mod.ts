/**
 * Files: arrays in the formats of NumPy and safetensors.
 *
 * @module
 */
export type { Writable } from "./_values.ts";
export { encodeNpy, parseNpy, readNpy, writeNpy } from "./npy.ts";
export { encodeNpz, type NpzOptions, parseNpz, readNpz, writeNpz } from "./npz.ts";
export {
  encodeSafetensors,
  parseSafetensors,
  readSafetensors,
  type Safetensors,
  writeSafetensors,
} from "./safetensors.ts";
