/** Files that W&B's client keeps of its runs (`run-ID.wandb`), offline and online ones: what `wandb sync` would send, without the client. */
import { closeSync, readSync } from 'node:fs'
import path from 'node:path'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { isFolderThere } from '../../attempt-files/names-in.ts'
import type { FoundStore, StoreOptions } from '../../formats/imports/stores.ts'
import type { Telling, ToldRun } from '../../formats/imports/telling.ts'
import { firstProblems, requireFile } from '../../formats/read-metric-file.ts'
import { readWandbFile, type WandbRecord } from '../../formats/wandb-file.ts'
import type { IntakeRun } from '../protocol.ts'
import { Wandb } from '../wandb/index.ts'
import { storedRun } from './stored-run.ts'

const blockBytes = 4 << 20

type RunRecord = Extract<WandbRecord, { kind: 'run' }>
type RunFile = { file: string; run: RunRecord }

/** What the runs of these files tell; a run that was resumed has several, the oldest first. */
export function* readWandbFiles({ attempts: [files] }: FoundStore, options: StoreOptions): Generator<Telling> {
  const found = files.flatMap((file): RunFile[] => {
    const run = runIn(file)
    if (run === null) options.tell(`${file} tells of no run; it was passed over.`)
    return run === null ? [] : [{ file, run }]
  })
  const inOrder = found.toSorted((a, b) => (a.run.start ?? 0) - (b.run.start ?? 0))
  const runs = Map.groupBy(inOrder, ({ run: { project, id } }) => `${project}/${id}`)
  for (const [key, own] of runs) {
    const first = own[0]!.run
    const name = own.findLast(({ run }) => typeof run.about.name === 'string' && run.about.name !== '')?.run.about.name
    const told: ToldRun = {
      key,
      name: typeof name === 'string' ? name : first.id,
      tracked: { project: first.project || 'uncategorized', parent: null },
    }
    const of = storedRun(first.id)
    const live = new Wandb(of)
    for (const { file } of own)
      for (const events of tellFile(file, live, of, options)) yield { run: told, attempt: 1, events }
  }
}

/** The record of a file's run, which stands at its beginning; null where there is none. */
function runIn(file: string): RunRecord | null {
  for (const records of recordsIn(file, () => {})) {
    const run = records.find((record) => record.kind === 'run')
    if (run !== undefined && run.id !== '') return run
  }
  return null
}

function* tellFile(file: string, live: Wandb, of: IntakeRun, options: StoreOptions): Generator<TrainerEvent[]> {
  const beside = path.join(path.dirname(file), 'files')
  const hasFiles = isFolderThere(beside)
  // where the tables lie that its rows name
  of.files = hasFiles ? beside : ''
  let last: number | null = null
  let start: number | null = null
  for (const records of recordsIn(file, firstProblems(file, options.tell))) {
    const events: TrainerEvent[] = []
    const run = records.find((record) => record.kind === 'run')
    if (run !== undefined && start === null) {
      start = run.start
      events.push({ type: 'client', status: 'running', ...(start !== null && { time: start }) })
    }
    const outcome = live.offline(records)
    outcome.commit?.()
    // all that a script declares of its metrics stands before, or close by, what it logs
    const held = live.due(Infinity)
    held?.commit?.()
    events.push(...outcome.events, ...(held?.events ?? []))
    for (const { time } of events) last = time === undefined ? last : Math.max(last ?? time, time)
    const exit = records.findLast((record) => record.kind === 'exit')
    if (exit === undefined) yield events
    else yield [...events, ...live.end(), ...made(of), ended(exit, start, last)]
    if (exit !== undefined) return
  }
  yield [...live.end(), ...made(of)]
}

function ended({ code, runtime }: Extract<WandbRecord, { kind: 'exit' }>, start: number | null, last: number | null) {
  // seconds that are counted whole end before the last row may
  const time = start === null ? last : Math.max(start + runtime, last ?? 0)
  const status = code === 0 ? ('done' as const) : ('failed' as const)
  return { type: 'client' as const, status, exit_code: code, ...(time !== null && { time }) }
}

/** The folder of what it saved: tables, images, its output. */
function made({ files }: IntakeRun): TrainerEvent[] {
  return files === '' ? [] : [{ type: 'artifact', role: 'made', name: 'files', kind: 'files', about: files }]
}

/** The records of a file, a block at a time. */
function* recordsIn(file: string, report: (problem: string) => void): Generator<WandbRecord[]> {
  const { descriptor, stats } = requireFile(file)
  try {
    let length = blockBytes
    for (let offset = 0; offset < stats.size;) {
      const block = Buffer.allocUnsafe(Math.min(stats.size - offset, length))
      const bytes = block.subarray(0, readSync(descriptor, block, 0, block.length, offset))
      const { records, end, problem } = readWandbFile(bytes, offset)
      if (records.length > 0) yield records
      if (problem !== null) return report(problem)
      const isLast = offset + bytes.length >= stats.size
      if (isLast && bytes.subarray(end - offset).some((byte) => byte !== 0))
        return report('its last record is not written to its end; it was passed over')
      if (isLast) return
      // a record that is longer than a block
      length = end === offset ? length * 2 : blockBytes
      offset = end
    }
  } finally {
    closeSync(descriptor)
  }
}
