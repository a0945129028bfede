/** A figure measured once per round. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number): number => sorted[index] ?? NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

/** The value that so many percent of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? NaN
}

/** How far from 1, and how sure that is. */
export interface Ratio {
  /** Of the logarithms' mean, so that half as much and twice as much cancel out. */
  readonly mean: number
  /** Standard error of that mean: over the rounds or over the copies, whichever is more. NaN of a single one. */
  readonly error: number
}

/**
 * The ratio of values to others of the same rounds, so that what slows both down is not in it. Each is given copy by
 * copy, because copies differ for good: many rounds of few copies look surer than they are.
 */
export function pairedRatio(
  copies: readonly (readonly number[])[],
  others: readonly (readonly number[])[],
): Ratio {
  const base = logarithmsByRound(others)
  const differences = logarithmsByRound(copies).map((value, round) => value - (base[round] ?? NaN))
  const overCopies = squaredError(copies.map(logarithm)) + squaredError(others.map(logarithm))
  const mean = Math.exp(average(differences))
  return { mean, error: mean * Math.sqrt(Math.max(squaredError(differences), overCopies)) }
}

function logarithmsByRound(copies: readonly (readonly number[])[]): number[] {
  const [first = []] = copies
  return first.map((_, round) => logarithm(copies.map((values) => values[round] ?? NaN)))
}

const logarithm = (values: readonly number[]): number => average(values.map((value) => Math.log(value)))

/** The square of the standard error of the mean. */
function squaredError(values: readonly number[]): number {
  const mean = average(values)
  return average(values.map((value) => (value - mean) ** 2)) / (values.length - 1)
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
