/** A table with columns as wide as prettier makes them. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = widths.map((width) => '-'.repeat(width))
  return [line(header), line(rule), ...rows.map(line)].join('\n')
}

const END = '<!-- end of figures -->'

/** A document with other text between its two marks, which name the command; throws when they are not there. */
export function withFigures(document: string, command: string, figures: string): string {
  const mark = `<!-- figures: written by \`${command}\` -->`
  const [begin, end] = [document.indexOf(mark), document.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`The document has no ${mark} … ${END}`)
  return `${document.slice(0, begin + mark.length)}\n\n${figures}\n\n${document.slice(end)}`
}
