import { type Context } from './context.js'

/** What a row needs beside a server and the keys of one project. */
export type Need = 'a second project' | 'rate limits'

/** One rule of the contract, checked on a running server. Rows know nothing of each other. */
export interface Row {
  /** Where the rule stands: the section of the contract. */
  readonly section: string
  readonly title: string
  /** Whether the official sources are silent, and the rule is our own. */
  readonly ours: boolean
  readonly needs?: Need
  run(context: Context): Promise<void>
}

type Run = Row['run']

/** Collects the rows of one section. */
export class Section {
  readonly rows: Row[] = []

  constructor(private readonly section: string) {}

  /** A rule for which there is an official source. */
  official(title: string, run: Run, needs?: Need): void {
    this.add(title, false, run, needs)
  }

  /** A rule where official sources are silent, or a deliberate extension. */
  ours(title: string, run: Run, needs?: Need): void {
    this.add(title, true, run, needs)
  }

  private add(title: string, ours: boolean, run: Run, needs?: Need): void {
    this.rows.push({ section: this.section, title, ours, run, ...(needs && { needs }) })
  }
}

export const nameOf = ({ section, title }: Row): string => `§${section} ${title}`
