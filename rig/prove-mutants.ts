/** A defect that is built into a copy of the build, and must be caught. */
export interface Provable {
  readonly name: string
  /** What is no longer true. */
  readonly claim: string
}

/** Whoever finds nothing may be blind. Says of each mutant whether it was caught; resolves with whether all were. */
export async function proveAll<Mutant extends Provable>(
  mutants: readonly Mutant[],
  isCaught: (mutant: Mutant) => Promise<boolean>,
): Promise<boolean> {
  const survivors: string[] = []
  for (const mutant of mutants) {
    const began = performance.now()
    const caught = await isCaught(mutant)
    if (!caught) survivors.push(mutant.name)
    const seconds = Math.round((performance.now() - began) / 1_000)
    const fate = caught ? `was caught after ${seconds} s` : 'SURVIVED'
    console.log(`${mutant.name} ${fate}: ${mutant.claim}`)
  }
  return survivors.length === 0
}
