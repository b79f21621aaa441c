/** Markdown of what people and programs named. */

/** A table in Markdown, its cells escaped. */
export function markdownTable(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)]
}

/** A text that a person named, so that it cannot break out of its place. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\|<>*_`[\]]/g, (character) => `\\${character}`).replaceAll(/\s+/g, ' ')
}
