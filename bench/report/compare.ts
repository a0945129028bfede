import { type Figure, isMoreBetter, show } from './figures.js'
import { type Results } from './results-file.js'

const NAME_WIDTH = 62
const SPREAD_WIDTH = 32

/** What became of each figure that both runs have. */
export function comparison(before: Results, now: Results): string {
  const earlier = new Map(before.figures.map((figure) => [figure.name, figure]))
  const pairs = now.figures.flatMap((figure) => {
    const then = earlier.get(figure.name)
    return then === undefined ? [] : [{ then, figure }]
  })
  const { date, commit } = before.machine
  return [
    `Compared with ${commit} of ${date}; median (lowest–highest)`,
    ...pairs.map(({ then, figure }) => comparisonLine(then, figure)),
    pairs.length === 0 ? 'The two runs have no figure in common.' : `${pairs.length} figures in common.`,
  ].join('\n')
}

function comparisonLine(then: Figure, now: Figure): string {
  const columns = [withSpread(then).padEnd(SPREAD_WIDTH), withSpread(now).padEnd(SPREAD_WIDTH)]
  return `${now.name.padEnd(NAME_WIDTH)}${columns.join('')}${verdict(then, now)}`
}

/** A change is one when no measurement of the one run lies among those of the other; of single ones nobody knows. */
export function verdict(then: Figure, now: Figure): string {
  const change = now.median / then.median - 1
  if (Number.isNaN(change)) return 'not told'
  const percent = `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(1)} %`
  if (isSingle(then) || isSingle(now)) return `${percent}, measured once: its spread is not known`
  if (now.min <= then.max && then.min <= now.max) return `${percent}, within the spread`
  return `${percent}, ${change > 0 === isMoreBetter(now.unit) ? 'better' : 'WORSE'}`
}

const isSingle = ({ min, max }: Figure): boolean => min === max

const withSpread = ({ unit, median, min, max }: Figure): string =>
  `${show(unit, median)} (${show(unit, min)}–${show(unit, max)})`
