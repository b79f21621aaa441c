'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { TryView } from '../../../../contract/api/tries.ts'
import type { TriedPart } from '../../../../domain/sweep/commands/part-to-try.ts'
import { errorSentence, useTRPC, useTRPCClient } from '../../../_shell/trpc.ts'
import { TriangleIcon } from '../../../_shell/icons.tsx'
import { formatDuration, plural } from '../../../_words/format.ts'
import { readDuration } from '../field-values.ts'
import { useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'
import commandStyles from './command.module.css'
import { usePathNames } from './path-names.tsx'
import { sweepOfForm } from '../read-sweep-form.ts'
import type { SweepForm } from '../sweep-form.ts'
import { TriedResults } from './tried-results.tsx'
import { TryLog } from './try-log.tsx'
import { namedBenchmarks, withBaseline } from './try-report.tsx'

const millisecondsBetweenLooks = 1000
const usualLimit: Record<TriedPart, string> = { training: '2 min', evaluation: '10 min' }

/** Runs the evaluation on a checkpoint that is there, or the first training for a while, before the sweep is there. */
export function TryIt({ of }: { of: TriedPart }) {
  const { form, change, directory } = useForm()
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const names = usePathNames()
  const [typed, setTyped] = useState<string | null>(null)
  const [limit, setLimit] = useState(usualLimit[of])
  const [untilCheckpoint, setUntilCheckpoint] = useState(true)
  const [refused, setRefused] = useState<string | null>(null)
  const [asking, setAsking] = useState(false)
  const newest = useQuery({
    ...trpc.tries.get.queryOptions(),
    refetchInterval: ({ state }) => (state.data && state.data.status !== 'ended' ? millisecondsBetweenLooks : false),
  }).data
  const view = newest?.of === of ? newest : null
  const busy = newest != null && newest.status !== 'ended'
  const seconds = readDuration(limit)
  const checkpoint = typed ?? (newest?.of === 'training' ? newest.checkpoint : null) ?? startOf(form)
  useBenchmarksOf(view)

  const begin = async () => {
    setRefused(null)
    setAsking(true)
    try {
      await client.tries.start.mutate({
        of,
        definition: sweepOfForm(form).input,
        directory: directory || undefined,
        seconds: seconds!,
        wanted:
          form.isScored && form.baselineReport === null && form.storedBaseline === null ? namedBenchmarks(form) : [],
        ...(of === 'evaluation' ? { checkpoint } : { untilCheckpoint }),
      })
      await queries.invalidateQueries(trpc.tries.get.pathFilter())
    } catch (error) {
      setRefused(errorSentence(error))
    } finally {
      setAsking(false)
    }
  }
  const cancel = () =>
    client.tries.cancel.mutate({ id: view!.id }).catch((error: unknown) => setRefused(errorSentence(error)))
  const noun = of === 'training' ? 'training' : 'evaluation'
  return (
    <details className={styles.rest} open={view !== null || undefined}>
      <summary>Try the {noun}</summary>
      <p className={styles.hint}>
        {of === 'training'
          ? 'Runs the first training as it would run, outside of any sweep. Nothing of it is scored or kept; what it writes stays where its command puts it.'
          : 'Runs the evaluation as it would run on the first point, on a checkpoint that is there. What it reports is shown, and neither scored nor kept.'}
      </p>
      <div className={commandStyles.try}>
        {of === 'evaluation' && (
          <label className="field">
            <span>Checkpoint to try it on</span>
            <input
              type="text"
              className="mono"
              aria-label="Checkpoint to try the evaluation on"
              placeholder="models/base"
              autoComplete="off"
              spellCheck={false}
              list={names.list}
              value={checkpoint}
              onFocus={(event) => names.watch(event.target.value)}
              onChange={(event) => {
                setTyped(event.target.value)
                names.watch(event.target.value)
              }}
            />
            {names.element}
          </label>
        )}
        <label className={`field ${commandStyles.tryLimit}`}>
          <span>At most</span>
          <input
            type="text"
            aria-label={`Longest try of the ${noun}`}
            aria-invalid={seconds === null || undefined}
            autoComplete="off"
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
          />
        </label>
        {view !== null && busy ? (
          <button type="button" className="btn" onClick={cancel} disabled={view.status === 'stopping'}>
            Cancel the try
          </button>
        ) : (
          <button type="button" className="btn" onClick={begin} disabled={seconds === null || busy || asking}>
            Try the {noun}
          </button>
        )}
      </div>
      {of === 'training' && (
        <label className={styles.check}>
          <input
            type="checkbox"
            checked={untilCheckpoint}
            onChange={({ target }) => setUntilCheckpoint(target.checked)}
          />
          Or until it has saved its first checkpoint
        </label>
      )}
      {seconds === null && <Problem text={`“${limit.trim()}” is not a time; expected e.g. 90 s, 10 min or 2 h.`} />}
      {busy && view === null && <p className={styles.hint}>The {newest.of} is being tried; one thing at a time.</p>}
      {refused !== null && <Problem text={refused} />}
      <div aria-live="polite">
        {view && (
          <Outcome
            key={view.id}
            view={view}
            onBaseline={() => change((current) => withBaseline(current, view.report!))}
            onBenchmarks={() => change((current) => withBenchmarks(current, view))}
          />
        )}
      </div>
    </details>
  )
}

function Problem({ text }: { text: string }) {
  return (
    <p className="error" role="alert">
      <TriangleIcon />
      <span>{text}</span>
    </p>
  )
}

type OutcomeProps = { view: TryView; onBaseline: () => void; onBenchmarks: () => void }

/** How it stands or ended, what it reported, and what it prints. */
function Outcome({ view, onBaseline, onBenchmarks }: OutcomeProps) {
  const { end, report, metrics, of } = view
  return (
    <section aria-label={`The tried ${of}`} className={styles.spaced}>
      {end === null ? (
        <p>{liveWords(view)}</p>
      ) : end.good ? (
        <p>
          {end.text} <span className="ink3">{tookWords(view)}</span>
        </p>
      ) : (
        <Problem text={end.text} />
      )}
      {metrics.length > 0 && (
        <p className="small ink2">
          {metrics
            .map(({ name, step, value }) => `${name} ${Number(value.toPrecision(4))} at step ${step}`)
            .join(' · ')}
        </p>
      )}
      {report?.problem != null && <Problem text={report.problem} />}
      {report?.problem === null && <TriedResults tried={report} onBaseline={onBaseline} onBenchmarks={onBenchmarks} />}
      {view.startedAt !== null && <TryLog id={view.id} failed={end !== null && !end.good} />}
    </section>
  )
}

function liveWords({ status, wanted, slots, startedAt, seconds }: TryView): string {
  if (status === 'waiting') return `Waits for ${plural(wanted, 'slot')}: jobs that run have them.`
  if (status === 'stopping') return 'Is being stopped …'
  if (status === 'reading') return 'Has ended; what it wrote is being read …'
  const where = slots.length === 0 ? '' : ` on ${plural(slots.length, 'slot')} (${slots.join(', ')})`
  const since = startedAt === null ? 0 : (Date.now() - startedAt) / 1000
  return `Runs${where} for ${formatDuration(since)}, at most ${formatDuration(seconds)}.`
}

function tookWords({ startedAt, endedAt }: TryView): string {
  return startedAt === null || endedAt === null ? '' : `It took ${formatDuration((endedAt - startedAt) / 1000)}.`
}

/** What the sweep itself begins with, which is there before any training. */
function startOf({ baselineMeasure, init }: SweepForm): string {
  const start = baselineMeasure === null || baselineMeasure === 'init' ? init : baselineMeasure
  return start.includes('${') ? '' : start
}

/** Fills an empty table of benchmarks from what a try has just reported; once, and not from a try that was there before. */
function useBenchmarksOf(view: TryView | null): void {
  const { form, change } = useForm()
  const seen = useRef<string | null>(null)
  const isEmpty = form.benchmarks.every(({ name, accuracy, questions }) => name + accuracy + questions === '')
  const [followed, setFollowed] = useState<string | null>(null)
  useEffect(() => {
    if (view !== null && view.status !== 'ended') setFollowed(view.id)
    if (view === null || view.status !== 'ended' || view.id !== followed || seen.current === view.id) return
    seen.current = view.id
    if (isEmpty) change((current) => withBenchmarks(current, view))
  }, [view, followed, isEmpty, change])
}

/** The form with the benchmarks of a tried report, their questions, and the accuracies that were typed already. */
function withBenchmarks(form: SweepForm, { report }: TryView): SweepForm {
  const read = (report?.results ?? []).filter(({ accuracy }) => accuracy !== null)
  if (read.length === 0) return form
  const benchmarks = read.map(({ benchmark, total }, at) => {
    const before = form.benchmarks.find(({ name }) => name.trim() === benchmark)
    const questions = total === null ? (before?.questions ?? '') : String(total)
    return { id: at + 1, name: benchmark, accuracy: before?.accuracy ?? '', questions }
  })
  return { ...form, benchmarks }
}
