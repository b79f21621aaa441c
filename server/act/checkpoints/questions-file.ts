/** Which questions an evaluation's command is to ask, as a file in its attempt's folder. */
import path from 'node:path'
import { knownQuestions } from '../../../domain/sweep/race-questions.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'

export const questionsFile = 'questions.json'

/** Writes an object from each benchmark to its questions' places, from 0, and gives the file. */
export function writeQuestions(folder: string, places: Readonly<Record<string, readonly number[]>>): string {
  const file = path.join(folder, questionsFile)
  replaceFile(file, `${JSON.stringify(places)}\n`)
  return file
}

/** The places of all questions that are known beforehand; null where nobody says how many there are. */
export function allPlaces(definition: Sweep): Record<string, number[]> | null {
  const totals = Object.entries(knownQuestions(definition))
  if (totals.length === 0) return null
  return Object.fromEntries(totals.map(([name, total]) => [name, Array.from({ length: total }, (_, place) => place)]))
}
