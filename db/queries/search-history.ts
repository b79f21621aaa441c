/** What a search looks at: a sweep's runs and points in short. */
import type { Database } from '../client.ts'

/** Ids of a sweep's trainings by their numbers. */
export function findRunIds({ $client }: Database, sweepId: number): Map<number, number> {
  const rows = $client
    .prepare("select number, id from jobs where sweep_id = ? and kind = 'training'")
    .raw()
    .all(sweepId) as [number, number][]
  return new Map(rows)
}

type RunRow = { number: number; params: string; status: string }
type PointRow = {
  number: number
  runNumber: number
  params: string
  milestone: string | null
  status: string
  score: number | null
  /** JSON. */
  objectives: string | null
  constrained: string | null
}

/** By number; `params` are JSON. */
export function readHistory({ $client }: Database, sweepId: number): { runs: RunRow[]; points: PointRow[] } {
  return {
    runs: $client
      .prepare("select number, params, status from jobs where sweep_id = ? and kind = 'training' order by number")
      .all(sweepId) as RunRow[],
    points: $client
      .prepare(
        `select points.number, jobs.number as runNumber, points.params, milestone, points.status, score, objectives, constrained
         from points join jobs on jobs.id = points.run_id where points.sweep_id = ? order by points.number`,
      )
      .all(sweepId) as PointRow[],
  }
}
