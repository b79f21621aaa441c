/** Experiments and runs as MLflow's client knows them: what it asks again is answered from here. */
import { createHash } from 'node:crypto'

export type Experiment = {
  experiment_id: string
  name: string
  artifact_location: string
  lifecycle_stage: 'active' | 'deleted'
  creation_time: number
  last_update_time: number
  tags: Record<string, string>
}

export type RunInfo = {
  run_id: string
  run_uuid: string
  run_name: string
  experiment_id: string
  user_id: string
  status: string
  start_time: number
  end_time: number | null
  artifact_uri: string
  lifecycle_stage: 'active' | 'deleted'
}

export type Point = { step: number; timestamp: number; value: number }

/** A metric's points, each once, and the one that counts as its last: by step, then time, then value, not by arrival. */
export class History {
  readonly points: Point[] = []
  /** By step: its point, or what tells its points apart where it has several; most have one. */
  private readonly atStep = new Map<number, Point | Set<string>>()
  last: Point | null = null

  has(point: Point): boolean {
    const there = this.atStep.get(point.step)
    if (there === undefined) return false
    return there instanceof Set ? there.has(keyOf(point)) : keyOf(there) === keyOf(point)
  }

  add(point: Point): void {
    const there = this.atStep.get(point.step)
    if (there instanceof Set) there.add(keyOf(point))
    else this.atStep.set(point.step, there === undefined ? point : new Set([keyOf(there), keyOf(point)]))
    this.points.push(point)
    if (this.last === null || comparePoints(point, this.last) >= 0) this.last = point
  }
}

/** Among points of one step. */
const keyOf = ({ timestamp, value }: Point) => `${timestamp} ${value}`

function comparePoints(a: Point, b: Point): number {
  return a.step - b.step || a.timestamp - b.timestamp || (a.value > b.value ? 1 : a.value < b.value ? -1 : 0)
}

/** A model that a run logged, as MLflow 3's client knows it; its files stand among those of the run. */
export type LoggedModel = {
  id: string
  name: string
  type: string
  run: string
  /** Below the run's artifacts. */
  folder: string
  status: string
  /** The step that was said with it; null: none was. */
  step: number | null
  created: number
  updated: number
  tags: Record<string, string>
  params: Record<string, string>
  isDeleted: boolean
  /** The folder of its checkpoint, absolute; null: it has none. */
  checkpoint: string | null
}

/** What a search looks at of a run. */
export type SearchedRun = {
  info: RunInfo
  models: LoggedModel[]
  /** Ids of models that it used. */
  used: string[]
  params: Map<string, string>
  tags: Map<string, string>
  metrics: Map<string, { last: Point | null }>
}

export type Run = Omit<SearchedRun, 'metrics'> & {
  /** What stands before its metrics' names: nothing for the attempt's own run. */
  prefix: string
  metrics: Map<string, History>
}

type SavedRun = {
  info: RunInfo
  prefix: string
  params: [string, string][]
  tags: [string, string][]
  /** Left out by versions that knew no models. */
  models?: LoggedModel[]
  used?: string[]
}
export type Saved = { experiments: Experiment[]; runs: SavedRun[]; ownBegan: boolean }

export class Store {
  experiments = new Map<string, Experiment>()
  runs = new Map<string, Run>()
  /** Whether the attempt's own run was begun by its client; until then it moves to the experiment that is set. */
  ownBegan = false

  save(): Saved {
    const runs = [...this.runs.values()].map(({ info, prefix, params, tags, models, used }) => ({
      info,
      prefix,
      models,
      used,
      params: [...params],
      tags: [...tags],
    }))
    return { experiments: [...this.experiments.values()], runs, ownBegan: this.ownBegan }
  }

  load(saved: Saved): void {
    this.experiments = new Map(saved.experiments.map((each) => [each.experiment_id, each]))
    for (const run of saved.runs) {
      const known = this.runs.get(run.info.run_id)
      this.runs.set(run.info.run_id, {
        ...run,
        models: run.models ?? [],
        used: run.used ?? [],
        params: new Map(run.params),
        tags: new Map(run.tags),
        metrics: known?.metrics ?? new Map(),
      })
    }
    this.ownBegan = saved.ownBegan
  }

  experimentNamed(name: string): Experiment | undefined {
    return [...this.experiments.values()].find((experiment) => experiment.name === name)
  }

  /** The name of the experiment that a run is in. */
  experimentOf(run: string): string {
    return this.experiments.get(this.runs.get(run)?.info.experiment_id ?? '')?.name ?? 'Default'
  }

  addExperiment(name: string, tags: Record<string, string>, now: number): Experiment {
    const id = String(this.experiments.size)
    const times = { creation_time: now, last_update_time: now }
    const location = `mlflow-artifacts:/${id}`
    const made = {
      experiment_id: id,
      name,
      artifact_location: location,
      lifecycle_stage: 'active' as const,
      ...times,
      tags,
    }
    this.experiments.set(id, made)
    return made
  }

  addRun(given: Partial<RunInfo> & { run_id: string; experiment_id: string }, prefix: string): Run {
    const info: RunInfo = {
      run_uuid: given.run_id,
      run_name: given.run_id,
      user_id: '',
      status: 'RUNNING',
      start_time: 0,
      end_time: null,
      lifecycle_stage: 'active',
      ...given,
      artifact_uri: `mlflow-artifacts:/${given.experiment_id}/${given.run_id}/artifacts`,
    }
    const run: Run = { info, prefix, models: [], used: [], params: new Map(), tags: new Map(), metrics: new Map() }
    this.runs.set(info.run_id, run)
    return run
  }
}

/** An id for a new run: that of a call which is repeated stays the same. */
export function newRunId(own: string, count: number): string {
  return createHash('sha256').update(`${own} ${count}`).digest('hex').slice(0, 32)
}

const noteTag = 'mlflow.note.content'

/** Whether a tag is shown: MLflow's own say what other fields do, but for the note. */
export const isShownTag = (key: string): boolean => !key.startsWith('mlflow.') || key === noteTag

/** What a run's tags say of it, its name and its note among them. */
export function tagsOfRun(tags: ReadonlyMap<string, string>, name: string): Record<string, unknown> {
  const own = [...tags].filter(([key]) => !key.startsWith('mlflow.'))
  const note = tags.get(noteTag)
  return { ...Object.fromEntries(own), name, ...(note !== undefined && { notes: note }) }
}
