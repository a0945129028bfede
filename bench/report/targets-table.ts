import { type Figure, isMoreBetter, show } from './figures.js'
import { markdownTable } from '../../rig/markdown.js'
import { isMet, type Target } from './targets.js'

const HEADER = ['What', 'Target', 'Aim', 'Measured', 'Beside the full limit', 'Met', '`npm run bench --`']
const VERDICTS = new Map([
  [true, 'yes'],
  [false, '**no**'],
])

/** As markdown, for people and for docs/performance.md. */
export const targetsTable = (targets: readonly Target[]): string =>
  markdownTable(
    HEADER,
    targets.map((target) => [
      target.what,
      bound(target, target.bound),
      bound(target, target.farBound),
      measured(target.measured),
      target.besideFull === undefined ? '–' : measured(target.besideFull),
      VERDICTS.get(isMet(target) as boolean) ?? '–',
      target.command === '' ? 'nothing' : `\`${target.command}\``,
    ]),
  )

const bound = ({ measured: { unit } }: Target, value: number | undefined): string =>
  value === undefined ? '–' : `${isMoreBetter(unit) ? '≥' : '≤'} ${show(unit, value)}`

function measured({ unit, median, min, max }: Figure): string {
  const middle = show(unit, median)
  return min === max || Number.isNaN(median) ? middle : `${middle} (${show(unit, min)}–${show(unit, max)})`
}
