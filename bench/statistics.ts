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
  /** Standard error of that mean. */
  readonly error: number
}

/** The ratio of values to those measured at the same time: what slows both down is not in it. */
export function pairedRatio(values: readonly number[], others: readonly number[]): Ratio {
  const logarithms = values.map((value, pair) => Math.log(value / (others[pair] ?? NaN)))
  const middle = average(logarithms)
  const variance = average(logarithms.map((each) => (each - middle) ** 2))
  const mean = Math.exp(middle)
  return { mean, error: mean * Math.sqrt(variance / (logarithms.length - 1)) }
}

export const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
