/** What the API gives of a try: a part of a sweep that is run before the sweep is there, and of which nothing is kept. */
import type { TriedPart } from '../../domain/sweep/commands/part-to-try.ts'
import type { TriedReport } from './reports.ts'

export type TryView = {
  id: string
  of: TriedPart
  sweepName: string
  /** What is evaluated; null for a training. */
  evaluated: string | null
  /** `waiting` for slots; `reading` what it wrote. */
  status: 'waiting' | 'running' | 'stopping' | 'reading' | 'ended'
  /** How many slots it asks for, and which it has. */
  wanted: number
  slots: string[]
  /** Program and arguments, as they run; null before it has its slots. */
  command: string[] | null
  startedAt: number | null
  endedAt: number | null
  /** It is stopped after so long. */
  seconds: number
  untilCheckpoint: boolean
  /** How it ended; null before. */
  end: { text: string; good: boolean } | null
  /** The first checkpoint that a training wrote, absolute. */
  checkpoint: string | null
  /** Of a training's metrics the newest value of each, the first few. */
  metrics: { name: string; step: number; value: number }[]
  /** What an evaluation reported; null where it did not come to that. */
  report: TriedReport | null
}
