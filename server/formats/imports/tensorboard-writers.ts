/** Event files of one folder, told apart by their writers: one that goes on after another is its next attempt, two at once are two runs. */
import path from 'node:path'
import { readEventFile } from '../read-metric-file.ts'

type EventFile = { file: string; tags: Set<string>; from: number; to: number }
/** The attempts of a run, each the files that were written together. */
export type Writer = { name: string; attempts: string[][] }

/**
 * The writers of event files, files by name, which begins with when they were made. A file whose tags no other has is of the same
 * run: nothing in it could be taken for the other's. One that shares a tag goes on with a writer that had ended before, as a training
 * that was resumed does; else it is a writer of its own.
 */
export function tellWritersApart(files: string[]): Writer[] {
  if (files.length === 1) return [{ name: '', attempts: [files] }]
  const found = files
    .toSorted()
    .map(surveyOf)
    .toSorted((a, b) => a.from - b.from)
  const writers: EventFile[][][] = []
  for (const file of found) {
    const place =
      writers.find((attempts) => attempts.flat().every((other) => other.tags.isDisjointFrom(file.tags))) ??
      writers.find((attempts) =>
        attempts.flat().every((other) => other.to <= file.from || other.tags.isDisjointFrom(file.tags)),
      )
    if (place === undefined) writers.push([[file]])
    else if (place.at(-1)!.every((other) => other.tags.isDisjointFrom(file.tags))) place.at(-1)!.push(file)
    else place.push([file])
  }
  const names = namesApart(writers.map((attempts) => attempts[0]![0]!.file))
  return writers.map((attempts, at) => ({
    name: names[at]!,
    attempts: attempts.map((together) => together.map(({ file }) => file)),
  }))
}

/** What is in a file, read once before it is told: which tags, and from when to when. */
function surveyOf(file: string): EventFile {
  const survey: EventFile = { file, tags: new Set(), from: Infinity, to: -Infinity }
  for (const metrics of readEventFile(file, () => {}))
    for (const { time, values } of metrics) {
      for (const tag of Object.keys(values)) survey.tags.add(tag)
      survey.from = Math.min(survey.from, time ?? -Infinity)
      survey.to = Math.max(survey.to, time ?? Infinity)
    }
  return survey
}

/** Short names of several writers: the end of the file's name where that tells them apart (`rank1`), else the whole of it. */
function namesApart(files: string[]): string[] {
  if (files.length === 1) return ['']
  const ends = files.map((file) => path.basename(file).split('.').at(-1)!)
  return new Set(ends).size === files.length ? ends : files.map((file) => path.basename(file))
}
