/** What has a name on the command line. */
export interface Named {
  readonly name: string
}

/** Gives an option whose value was left out this one: `--mutants` alone means all of them. */
export const withDefault = (args: readonly string[], option: string, value: string): string[] =>
  args.flatMap((arg, index) => {
    const isLeftOut = arg === option && (args[index + 1] ?? '--').startsWith('--')
    return isLeftOut ? [arg, value] : [arg]
  })

/** Throws unless it is a whole number, 1 or more, and a multiple of another where one is given. */
export function wholeNumber(option: string, text: string | number, multipleOf = 1): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= multipleOf && value % multipleOf === 0) return value
  const what = multipleOf === 1 ? 'a whole number, 1 or more' : `a multiple of ${multipleOf}`
  throw new Error(`${option} must be ${what}`)
}

/** The names in a list with commas; throws when one of them is unknown. */
export function namesOf(option: string, list: string | undefined, known: readonly Named[]): string[] {
  const names = list?.split(',').map((name) => name.trim()) ?? []
  const unknown = names.find((name) => !known.some((each) => each.name === name))
  if (unknown !== undefined) throw new Error(`${option} does not know ‘${unknown}’; --list names them`)
  return names
}

export const allNames = (known: readonly Named[]): string => known.map(({ name }) => name).join()
