/**
 * What the server and a trainer say to each other. A trainer is any program: this file is the built-in one's copy of the
 * protocol in docs/trainer-protocol.md, and the server imports its types.
 */

/** `job.json`: everything a trainer or an evaluation needs; its path is in SWEEPBOARD_JOB. */
export type Job = {
  kind: 'training' | 'evaluation'
  run: number
  attempt: number
  sweep: { id: number; name: string }
  /** The literals of the axes as the file wrote them; a milestone axis gives its last value here. */
  params: Record<string, string>
  /** `config` of the sweep file with the axes' values put in, numbers as numbers. Empty for external trainers. */
  config: Record<string, unknown>
  /** Milestones in rising order, where the sweep has a milestone axis: a checkpoint is needed at each. */
  milestones: { axis: string; unit: 'epoch' | 'step'; values: number[] } | null
  /** The checkpoint that the run starts from, or null. */
  init: string | null
  /** The last checkpoint of an earlier attempt, or null. */
  resume: string | null
  /** For an evaluation: what is evaluated, and where the report goes. */
  evaluation: {
    checkpoint: string
    step: number
    epoch: number | null
    report: string
    /** Of a racing evaluation: the places of the questions to ask, from 0, by benchmark, and how many each has; absent: all of them. */
    questions?: { places: Record<string, number[]>; totals: Record<string, number> }
    /** How, where a person asked to evaluate it again; null (or absent): as `config` says, each question once, greedily. */
    again?: { benchmarks: string[]; samples: number; temperature: number; seed: number } | null
  } | null
  /** A folder of the attempt's own, absolute. */
  runFolder: string
  eventsFile: string
  /** What its intake takes in; null (or absent): it has none. `said`: who logs elsewhere, in sentences for the run. */
  track?: { clients: string[]; files: string[]; said: string[] } | null
  /** Ids of the slots it holds: GPU ids, or numbers of CPU slots. */
  slots: string[]
}

export type MetricValue = number | 'NaN' | 'Infinity' | '-Infinity'
export type MetricsEvent = { type: 'metrics'; step: number; time?: number; values: Record<string, MetricValue> }
export type ProgressEvent = { type: 'progress'; time?: number; done: number; total: number }
export type CheckpointEvent = { type: 'checkpoint'; time?: number; step: number; epoch?: number; path: string }
export type EvaluationEvent = {
  type: 'evaluation'
  time?: number
  step: number
  benchmark: string
  correct: number
  total: number
  items?: string
  /** Answers to each question, where there are several: `total` counts them all. */
  samples?: number
  /** Of `samples` answers to each question, by its id, how many were right. */
  outcomes?: Record<string, number>
}
export type SampleEvent = {
  type: 'sample'
  time?: number
  step: number
  prompt: string
  response: string
  reward?: number
  parts?: Record<string, number>
  /** What the sample was worth in training beside its group; 0 where the group was not learned from. */
  advantage?: number
  /** Of all samples of the prompt in this step, reported or not: how many, and their rewards' mean and deviation. */
  group?: { samples: number; mean: number; deviation: number }
  /** The right answer to the prompt: a round that starts from chosen problems has it in its data. */
  answer?: string
}
export type NoteEvent = {
  type: 'note'
  time?: number
  level: 'info' | 'warning' | 'error'
  text: string
  alert?: boolean
}

/** What a tracker's client says of the run as a whole; a later one of the same names goes over it. */
export type AboutEvent = { type: 'config' | 'summary' | 'tags'; time?: number; values: Record<string, unknown> }
/** A file that was sent to be kept with the run: below `files` of its folder. */
export type FileEvent = { type: 'file'; time?: number; name: string; bytes: number }

/** What a run used (a data set, a model of another run) or made beside its models, as its client calls it. */
export type ArtifactEvent = {
  type: 'artifact'
  time?: number
  role: 'used' | 'made'
  name: string
  /** What it is: `dataset`, `model`, … */
  kind: string
  /** Where it comes from, or what for, in the client's words. */
  about?: string
  /** The folder of its files below `files` of the run's folder. */
  folder?: string
}

/** What the client of a run of its own says of it; of an attempt the end of its process says so. */
export type ClientEvent = {
  type: 'client'
  time?: number
  status: 'running' | 'done' | 'failed' | 'cancelled'
  exit_code?: number
}

/** One line of `events.jsonl`. */
export type TrainerEvent =
  | MetricsEvent
  | ProgressEvent
  | CheckpointEvent
  | EvaluationEvent
  | SampleEvent
  | NoteEvent
  | AboutEvent
  | FileEvent
  | ArtifactEvent
  | ClientEvent
