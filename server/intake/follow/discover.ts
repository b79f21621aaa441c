/** Which files a training writes that say something, and of which kind each is. */
import { globSync, statSync } from 'node:fs'
import path from 'node:path'

export type FileKind = 'tensorboard' | 'wandb' | 'trainer-state' | 'parquet' | 'lines'
export type FoundFile = { file: string; kind: FileKind; root: string }

/** What is looked for in a folder that is named whole. */
const inFolder = [
  '**/*tfevents*',
  '**/checkpoint-*/trainer_state.json',
  '**/*.wandb',
  '**/metrics*.jsonl',
  '**/completions*.parquet',
]
/** A pattern that fits more files than this was not meant so. */
const mostFiles = 10_000

/** The files that a path, a folder or a pattern names now, by name. */
export function discoverFiles(pattern: string): FoundFile[] {
  const stats = statSync(pattern, { throwIfNoEntry: false })
  if (stats?.isFile()) return [found(pattern, path.dirname(pattern))]
  if (stats?.isDirectory()) {
    const names = globSync(inFolder, { cwd: pattern }).toSorted().slice(0, mostFiles)
    return names.map((name) => found(path.join(pattern, name), pattern))
  }
  if (!/[*?[{]/.test(pattern)) return []
  const root = rootOf(pattern)
  return globSync(pattern)
    .toSorted()
    .slice(0, mostFiles)
    .flatMap((name) =>
      statSync(name, { throwIfNoEntry: false })?.isDirectory() ? discoverFiles(name) : [found(name, root)],
    )
}

/** The folder before a pattern's first part that is one. */
function rootOf(pattern: string): string {
  const parts = pattern.split('/')
  const at = parts.findIndex((part) => /[*?[{]/.test(part))
  return parts.slice(0, at).join('/') || '/'
}

function found(file: string, root: string): FoundFile {
  const name = path.basename(file)
  if (name.includes('tfevents')) return { file, kind: 'tensorboard', root }
  if (name.endsWith('.wandb')) return { file, kind: 'wandb', root }
  if (name.endsWith('.parquet')) return { file, kind: 'parquet', root }
  return { file, kind: name === 'trainer_state.json' ? 'trainer-state' : 'lines', root }
}
