/** Part of every system on which Node.js runs; another copy could clash with the one in memory. */
const OF_THE_SYSTEM = ['libc6', 'libgcc-s1', 'libstdc++6', 'libcrypt1']

/**
 * The library packages that a package needs to run, from what `apt-cache depends --recurse` printed about it.
 * Only libraries are followed: the rest (users, init scripts) serves an installed service, not a program.
 */
export function libraryPackages(dependsOutput: string, root: string): string[] {
  const dependencies = parse(dependsOutput)
  const found = new Set<string>()
  const follow = (name: string): void => {
    for (const next of dependencies.get(name) ?? []) {
      if (!isWanted(next) || found.has(next)) continue
      found.add(next)
      follow(next)
    }
  }
  follow(root)
  return [...found].filter(isLibrary)
}

function isWanted(name: string): boolean {
  return name === 'redis-tools' || isLibrary(name)
}

function isLibrary(name: string): boolean {
  return name.startsWith('lib') && !OF_THE_SYSTEM.includes(name)
}

/**
 * A package stands alone on a line, what it needs on indented lines below it. A bar marks an alternative to the
 * line that follows; the first of the alternatives is taken.
 */
function parse(output: string): Map<string, string[]> {
  const dependencies = new Map<string, string[]>()
  let current: string[] = []
  let satisfied = false
  for (const line of output.split('\n')) {
    if (/^\S/.test(line)) {
      current = []
      dependencies.set(line.trim(), current)
    }
    const [, bar, name] = /^ ([ |])(?:Pre)?Depends: ([^\s<]+)/.exec(line) ?? []
    if (name === undefined) continue
    if (!satisfied) current.push(name)
    satisfied = bar === '|'
  }
  return dependencies
}
