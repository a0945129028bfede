import { count } from '../report/format.js'

/** How the figures are called. */
export const throughputName = (projects: number, workers: number): string =>
  `throughput, ${many(projects, 'project')}, ${many(workers, 'worker')}`

export const growthName = (phase: string, present: number): string =>
  `growth, ${count(present)} present: typical ${phase}`

export const many = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
