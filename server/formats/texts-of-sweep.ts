/** Which values of a sweep are texts. */
import type { Issue } from '../../domain/errors.ts'

const lineTexts = ['name', 'checkpoint', 'init', 'from', 'save_as_baseline']

/** Texts that programs get, or that name things: a plain scalar there is its source, not the number it may read as. */
export function isText(path: Issue['path']): boolean {
  const [first, second, third, fourth] = path
  if (first === 'axes')
    return (
      (path.length === 3 && third !== 'integer') ||
      (path.length === 4 && !((third === 'range' || third === 'log') && fourth === 2))
    )
  if (first === 'train' || first === 'evaluate') {
    if (second === 'command' || second === 'env') return path.length === 3
    return second === 'report' && (third === 'file' || third === 'accuracies')
  }
  if (first === 'score') return second === 'baseline' && path.length === 2
  return path.length === 1 && lineTexts.includes(String(first))
}
