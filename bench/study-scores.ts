/** The scores of the study's grid, and the same drawn together, for simulated grids. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Counts } from '../domain/score/counted-points.ts'
import { aggregateRatios } from '../domain/score/score.ts'
import { baselineOfStudy as baseline } from './racing-data.ts'

/** Grids like the report's, and such whose scores are drawn together to so much of their distances. */
export const distances = [
  ['like the report’s', 1],
  ['close', 0.35],
  ['alike', 0],
] as const

type Study = { sweeps: { points: { score?: number; results?: Record<string, Counts> }[] }[] }

/** As published, and of the best point as its counts give it: nine trainings at their first milestone, then the same at their end. */
export function studyScores(): number[] {
  const file = path.join(import.meta.dirname, '../examples/cs2916-2025/study.json')
  const study = JSON.parse(readFileSync(file, 'utf8')) as Study
  return study.sweeps[0]!.points.map(
    ({ score, results }) =>
      score ??
      aggregateRatios(
        'harmonic-mean',
        Object.entries(baseline).map(([name, accuracy]) => results![name]!.correct / results![name]!.total / accuracy),
      ),
  )
}

/** The same about their mean, at so much of their distances from it. */
export function drawnTogether(scores: readonly number[], distance: number): number[] {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  return scores.map((score) => mean + distance * (score - mean))
}
