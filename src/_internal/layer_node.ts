/** A layer where it stands in a model, as pictures and tables show it. */
export interface LayerNode {
  /** Its place in the order of calls. */
  readonly id: number;
  /** Its name in the model. */
  readonly name: string;
  /** What it is: `dense`, `conv2d`, `input` and so on. */
  readonly kind: string;
  /** The shape of what it gives, such as `[batch, 10]`. */
  readonly shape: string;
  /** How many numbers it has, trained or kept. */
  readonly parameters: number;
  /** The places that its inputs come from. */
  readonly operands: readonly number[];
}
