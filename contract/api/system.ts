/** What the API gives of the machine, and what changes on it. Times are milliseconds since 1970. */
import type { Place } from '../../domain/life/place.ts'
import type { Progress } from './jobs.ts'

/** A slot of the machine and what holds it. */
export type SlotView = {
  id: string
  /** Who else uses it, so that it is not given out: `python (4711) of anna, 12000 MiB`; null: nobody, as far as one can see. */
  usedBy: string | null
  /** null: no job of ours holds it */
  held: { jobId: number; kind: 'training' | 'evaluation'; sweepId: number; sweepName: string; runId: number } | null
}

export type SystemView = {
  version: string
  dataFolder: string
  /** What keeps the scheduler from going on (a full disk, say); null when all is well. */
  problem: string | null
  /** Why nothing new is started until the server is started again (its database is damaged); null when all is well. */
  halted: string | null
  /** What kept the whole server from answering in the last minute, for so many milliseconds; null: nothing for long. */
  held: { what: string; milliseconds: number; at: number } | null
  slotKind: 'gpu' | 'cpu'
  slots: SlotView[]
  /** What runs now, one entry a live job. */
  live: {
    jobId: number
    kind: 'training' | 'evaluation'
    /** An evaluation that a person asked for again. */
    again: boolean
    sweepId: number
    sweepName: string
    runId: number
    params: Record<string, string>
    attempt: number
    slots: string[]
    /** Where a cluster runs or queues it; null on this machine. */
    place: Place | null
    /** How many GPUs it asked a cluster for; 0 on this machine. */
    gpusAway: number
    progress: Progress
    secondsLeft: number | null
  }[]
}

/** A change that pages listen to: everything that shows the sweep (or the run) should be read again. */
export type ChangeNotice = {
  sweepId: number | null
  runId: number | null
  topic: 'sweep' | 'run' | 'system' | 'baseline' | 'alert'
}
