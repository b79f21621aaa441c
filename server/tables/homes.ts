/** Runs and what they are of, as lists of checkpoints need it: a sweep, or, of runs of their own, a project. */
import type { RunColumnsRow } from '../../db/queries/checkpoint-columns.ts'
import { listProjects } from '../../db/queries/own-runs.ts'
import { listEverySweep, type SweepRow } from '../../db/queries/sweeps.ts'
import type { Database } from '../../db/client.ts'
import type { SweepAgreement } from '../../domain/score/same-questions.ts'
import { type Scoring, scoringOf } from '../../domain/sweep/scoring.ts'
import type { OwnClient } from '../../domain/sweep/track.ts'
import type { RunHome } from '../../contract/api/runs.ts'

export type HomeOfRuns = RunHome & {
  /** What finds it: a sweep's id; a project's is a number below zero. */
  key: number
  isDeleted: boolean
  /** A project's has no benchmark to compare. */
  scoring: Scoring
  agreement: SweepAgreement | null
  /** null of a project. */
  sweep: SweepRow | null
}

const keyOfProject = (id: number) => -1 - id

/** The key of what a run is of. */
export function homeKey(sweepId: number | null, projectId: number | null): number {
  return sweepId ?? keyOfProject(projectId!)
}

/** Every sweep and project by key, sweeps first, deleted ones included. */
export function readHomes(database: Database): Map<number, HomeOfRuns> {
  const sweeps = listEverySweep(database).map((sweep): HomeOfRuns => {
    const { id, name, deletedAt, agreement, definition } = sweep
    const scoring = scoringOf(definition)
    return { kind: 'sweep', key: id, id, name, isDeleted: deletedAt !== null, scoring, agreement, sweep }
  })
  const projects = listProjects(database).map(({ id, name, deletedAt }): HomeOfRuns => {
    const rest = { isDeleted: deletedAt !== null, scoring: scoringOf({}), agreement: null, sweep: null }
    return { kind: 'project', key: keyOfProject(id), id, name, ...rest }
  })
  return new Map([...sweeps, ...projects].map((home) => [home.key, home]))
}

/** A training as the columns know it. */
export class RunOfColumns {
  id!: number
  number!: number
  /** Key of what it is of. */
  home!: number
  /** Of a run of its own: what it is called, and who logs it. */
  own: { name: string; client: OwnClient; isDeleted: boolean } | null = null
  startCheckpointId: number | null = null
  /** Places of its checkpoints, in the order they came. */
  readonly places: number[] = []
  #text = '{}'
  #params: Record<string, string> | null = null

  constructor(row: RunColumnsRow) {
    this.take(row)
  }

  /** Is from now on as the row says. */
  take([id, number, sweepId, params, start, projectId, name, client, isDeleted]: RunColumnsRow): void {
    this.id = id
    this.number = number
    this.home = homeKey(sweepId, projectId)
    this.own = client === null ? null : { name: name!, client, isDeleted: isDeleted === 1 }
    this.startCheckpointId = start
    this.#text = params
    this.#params = null
  }

  /** Read from their text when first asked for. */
  get params(): Record<string, string> {
    return (this.#params ??= JSON.parse(this.#text) as Record<string, string>)
  }
}
