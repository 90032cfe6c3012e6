/** Arrays in the formats of NumPy and safetensors. */
export type { Writable } from "./_values.ts";
export { encodeNpy, parseNpy, readNpy, writeNpy } from "./npy.ts";
export { encodeNpz, type NpzOptions, parseNpz, readNpz, writeNpz } from "./npz.ts";
export {
  encodeSafetensors,
  parseHeader,
  parseSafetensors,
  readSafetensors,
  readTensor,
  type Safetensors,
  type SafetensorsHeader,
  type TensorEntry,
  writeSafetensors,
} from "./safetensors.ts";
export { repeatedKey } from "./json_keys.ts";
