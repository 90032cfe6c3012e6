/** The operations on Variables as methods: their types, each documented at the function of its name. */
import type { DType } from "../array/dtype.ts";
import type { Shape } from "../array/shape.ts";
import type * as elementwise from "./signatures/elementwise.ts";
import type * as indexing from "./signatures/indexing.ts";
import type * as linear from "./signatures/linear_algebra.ts";
import type * as neural from "./signatures/neural.ts";
import type * as reductions from "./signatures/reductions.ts";
import type * as shapes from "./signatures/shapes.ts";
import type { Operand, Variable } from "./variable.ts";

/** Element-wise operations on this Variable alone. */
export type UnaryMethods = {
  readonly [
    name in
      | ("neg" | "abs" | "sign" | "reciprocal" | "square" | "sqrt" | "rsqrt" | "cbrt")
      | ("exp" | "exp2" | "expm1" | "log" | "log2" | "log10" | "log1p")
      | ("sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "sinc")
      | ("sinh" | "cosh" | "tanh" | "asinh" | "acosh" | "atanh")
      | ("erf" | "erfc" | "erfinv" | "lgamma" | "digamma" | "logit")
      | ("floor" | "ceil" | "trunc" | "round" | "isNan" | "isFinite" | "logicalNot")
      | ("sigmoid" | "logSigmoid" | "relu" | "relu6" | "softplus" | "selu" | "silu" | "mish")
      | ("hardSigmoid" | "softsign" | "tanhshrink")
  ]: () => Variable;
};

/** Element-wise operations on this Variable and another operand, which broadcast. */
export type BinaryMethods = {
  readonly [
    name in
      | ("add" | "sub" | "mul" | "div" | "pow" | "mod" | "maximum" | "minimum")
      | ("hypot" | "logAddExp" | "xlogy" | "atan2" | "prelu")
      | ("eq" | "ne" | "lt" | "le" | "gt" | "ge" | "logicalAnd" | "logicalOr" | "logicalXor")
  ]: (other: Operand) => Variable;
};

/** Element-wise operations that take more. */
export type ElementwiseMethods = {
  clip(min: Operand, max: Operand): Variable;
  lerp(end: Operand, weight: Operand): Variable;
  where(x: Operand, y: Operand): Variable;
  polygamma(order: number): Variable;
  leakyRelu(options?: elementwise.LeakyReluOptions): Variable;
  elu(options?: elementwise.EluOptions): Variable;
  gelu(options?: elementwise.GeluOptions): Variable;
  hardTanh(options?: elementwise.HardTanhOptions): Variable;
  softshrink(options?: elementwise.SoftshrinkOptions): Variable;
};

/** Operations along axes: an axis, a list of axes, or options; by default all axes. */
export type ReductionMethods = {
  readonly [name in "sum" | "mean" | "prod" | "max" | "min" | "logSumExp" | "any" | "all" | "median"]: (
    options?: reductions.ReductionArgument,
  ) => Variable;
};

/** Reductions that take more, and sums, products and extremes that accumulate. */
export type AccumulationMethods = {
  argMax(options?: number | reductions.ArgumentOptions): Variable;
  argMin(options?: number | reductions.ArgumentOptions): Variable;
  norm(options?: number | readonly number[] | reductions.NormOptions): Variable;
  clipByNorm(
    maxNorm: number,
    options?: number | readonly number[] | Pick<reductions.ReductionOptions, "axis">,
  ): Variable;
  variance(options?: number | readonly number[] | reductions.VarianceOptions): Variable;
  standardDeviation(options?: number | readonly number[] | reductions.VarianceOptions): Variable;
  quantile(q: number | readonly number[], options?: reductions.ReductionArgument): Variable;
  cumSum(options?: reductions.CumulativeOptions): Variable;
  cumProd(options?: reductions.CumulativeOptions): Variable;
  logCumSumExp(options?: reductions.CumulativeOptions): Variable;
  cumMax(options?: shapes.AxisOptions): Variable;
  cumMin(options?: shapes.AxisOptions): Variable;
};

/** Operations that give the elements another shape, order or type. */
export type ShapeMethods = {
  reshape(shape: Shape | number): Variable;
  broadcastTo(shape: Shape | number): Variable;
  expandDims(axis: number | readonly number[]): Variable;
  squeeze(axis?: number | readonly number[]): Variable;
  transpose(axes?: readonly number[]): Variable;
  permute(axes: readonly number[]): Variable;
  flip(options?: shapes.AxesOptions): Variable;
  roll(shift: number | readonly number[], options?: shapes.AxesOptions): Variable;
  pad(widths: shapes.PadWidths, options?: shapes.PadOptions): Variable;
  slidingWindow(size: number, options?: shapes.SlidingWindowOptions): Variable;
  tile(repeats: number | readonly number[]): Variable;
  repeat(repeats: number | readonly number[], options?: shapes.RepeatOptions): Variable;
  split<const P extends number | readonly number[]>(
    parts: P,
    options?: shapes.AxisOptions,
  ): P extends readonly number[] ? shapes.VariableForEach<P> : Variable[];
  unstack(options?: shapes.AxisOptions): Variable[];
  triu(options?: shapes.DiagonalOptions): Variable;
  tril(options?: shapes.DiagonalOptions): Variable;
  diagonal(options?: shapes.DiagonalOptions): Variable;
  diag(options?: shapes.DiagonalOptions): Variable;
  cast(dtype: DType): Variable;
};

/** Operations that choose, change or order elements. */
export type IndexingMethods = {
  at(...indices: readonly indexing.AxisIndex[]): indexing.Place;
  slice(begin: number | readonly number[], size?: number | readonly number[]): Variable;
  gather(indices: Operand, options?: shapes.AxisOptions): Variable;
  gatherND(indices: Operand): Variable;
  scatterAdd(indices: Operand, values: Operand, options?: shapes.AxisOptions): Variable;
  takeAlongAxis(indices: Operand, options?: shapes.AxisOptions): Variable;
  addAlongAxis(indices: Operand, values: Operand, options?: shapes.AxisOptions): Variable;
  maskedFill(mask: Operand, value: Operand): Variable;
  oneHot(depth: number, options?: shapes.FillOptions): Variable;
  sort(options?: indexing.SortOptions): Variable;
  argSort(options?: indexing.SortOptions): Variable;
  topK(k: number, options?: shapes.AxisOptions): indexing.TopK;
  searchSorted(values: Operand, options?: indexing.SearchSortedOptions): Variable;
};

/** Operations on vectors and matrices. */
export type LinearAlgebraMethods =
  & {
    readonly [name in "trace" | "inverse" | "cholesky" | "singularValues" | "matrixExp"]: () => Variable;
  }
  & {
    readonly [name in "determinant" | "logDeterminant"]: () => Variable;
  }
  & {
    readonly [name in "matmul" | "dot" | "inner" | "outer" | "kron" | "quadraticForm" | "solve" | "lstsq"]: (
      other: Operand,
    ) => Variable;
  }
  & {
    tensordot(other: Operand, options?: linear.TensordotOptions): Variable;
    triangularSolve(other: Operand, options?: linear.TriangularSolveOptions): Variable;
    pseudoInverse(options?: linear.PseudoInverseOptions): Variable;
    matrixPower(exponent: number): Variable;
    signAndLogDeterminant(): linear.SignAndLogDeterminant;
    qr(): linear.QrDecomposition;
    eigh(): linear.Eigendecomposition;
    svd(): linear.SingularValueDecomposition;
  };

/** Operations of neural networks. */
export type NeuralMethods =
  & {
    readonly [name in "softmax" | "softmin" | "logSoftmax"]: (options?: shapes.AxisOptions) => Variable;
  }
  & {
    sigmoidCrossEntropy(labels: Operand, options?: neural.LossOptions): Variable;
    softmaxCrossEntropy(labels: Operand, options?: neural.LossOptions & shapes.AxisOptions): Variable;
    cosineSimilarity(other: Operand, options?: shapes.AxisOptions): Variable;
    normalizeL2(options?: neural.NormalizeL2Options): Variable;
    layerNorm(options?: neural.LayerNormOptions): Variable;
    rmsNorm(options?: neural.LayerNormOptions): Variable;
    groupNorm(groups: number, options?: neural.ScaleOptions): Variable;
    instanceNorm(options?: neural.ScaleOptions): Variable;
    batchNorm(mean: Operand, variance: Operand, options?: neural.BatchNormOptions): Variable;
    batchNormTraining(options?: neural.BatchNormOptions): neural.BatchNormResult;
    conv1d(filters: Operand, options?: neural.Conv1dOptions): Variable;
    conv2d(filters: Operand, options?: neural.Conv2dOptions): Variable;
    conv1dTranspose(filters: Operand, options?: neural.Conv1dTransposeOptions): Variable;
    conv2dTranspose(filters: Operand, options?: neural.Conv2dTransposeOptions): Variable;
    maxPool1d(window: number, options?: neural.MaxPool1dOptions): Variable;
    maxPool2d(window: neural.Pair, options?: neural.MaxPool2dOptions): Variable;
    avgPool1d(window: number, options?: neural.AvgPool1dOptions): Variable;
    avgPool2d(window: neural.Pair, options?: neural.AvgPool2dOptions): Variable;
    globalAvgPool(): Variable;
    globalMaxPool(): Variable;
    adaptiveAvgPool2d(size: readonly [height: number, width: number]): Variable;
    resizeBilinear(size: readonly [height: number, width: number], options?: neural.ResizeOptions): Variable;
    extractPatches(window: neural.Pair, options?: neural.MaxPool2dOptions): Variable;
  };

/** All operations of one main operand. */
export interface VariableMethods
  extends
    UnaryMethods,
    BinaryMethods,
    ElementwiseMethods,
    ReductionMethods,
    AccumulationMethods,
    ShapeMethods,
    IndexingMethods,
    LinearAlgebraMethods,
    NeuralMethods {}
