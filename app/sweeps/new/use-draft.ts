'use client'
import { useSearchParams } from 'next/navigation'
import { useCallback, useEffect, useRef, useState } from 'react'
import { usualThreshold } from '../../../domain/score/learning-impact.ts'
import { formOfSweep, type SweepForm } from './sweep-form.ts'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPCClient } from '../../_shell/trpc.ts'
import { type Draft, emptyDraft, isEmpty, loadDraft, saveDraft, usualHow } from './draft.ts'

const millisecondsBeforeSave = 250

export type DraftActions = {
  /** Whether the kept draft was read; before, nothing may be shown or saved. */
  ready: boolean
  current: Draft
  change: (update: (form: SweepForm) => SweepForm) => void
  update: (changes: Partial<Draft>) => void
  replace: (draft: Draft) => void
  /** Puts another sweep into the form; what stood there can be had back for a while. */
  fill: (form: SweepForm, said: string, rest?: Partial<Draft>) => void
  fillFromSweep: (id: number) => void
  forget: () => void
}

/**
 * The unfinished sweep, kept in this browser until it is started; `?from=ID` fills it from that sweep, `?extend=ID` to extend it,
 * `?checkpoint=ID` with the next round from that checkpoint, or from several (`1,2`), `?impact=RUN&threshold=0.6` with a round on the
 * problems that are chosen there.
 */
export function useDraft(): DraftActions {
  const client = useTRPCClient()
  const address = useSearchParams()
  const from = address.get('from')
  const extend = address.get('extend')
  const checkpoint = address.get('checkpoint')
  const impact = address.get('impact')
  const given = address.toString()
  const [ready, setReady] = useState(false)
  const [current, setCurrent] = useState(emptyDraft)
  const newest = useRef(current)
  const forgotten = useRef(false)
  newest.current = current

  const fill = useCallback((form: SweepForm, said: string, rest: Partial<Draft> = {}) => {
    const before = newest.current
    setCurrent((draft) => ({ ...draft, round: null, extended: null, start: null, how: usualHow, ...rest, form }))
    showToast(isEmpty(before) ? { text: said } : { text: said, undo: () => setCurrent(before) })
  }, [])
  const fillFromSweep = useCallback(
    async (id: number) => {
      try {
        const sweep = await client.sweeps.get.query({ id })
        const form = formOfSweep(sweep.definition)
        const { directory } = sweep
        fill({ ...form, name: repeatName(sweep.name) }, `Filled in from ${sweep.name}.`, { directory })
      } catch (error) {
        showToast({ text: errorSentence(error), tone: 'error' })
      }
    },
    [client, fill],
  )
  const fillToExtend = useCallback(
    async (id: number) => {
      try {
        const { name, definition, directory } = await client.sweeps.get.query({ id })
        const extended = { id, name, before: definition }
        fill(formOfSweep(definition), `Filled in to extend ${name}.`, { directory, extended, paused: false })
      } catch (error) {
        showToast({ text: errorSentence(error), tone: 'error' })
      }
    },
    [client, fill],
  )
  const fillFromCheckpoints = useCallback(
    async (ids: number[]) => {
      try {
        const next = await client.checkpoints.nextRound.query({ ids })
        const { definition, directory, checkpointName: name, round, runId, before, unknown } = next
        const filled = { name, init: definition.init ?? '', round, runId, before, unknown }
        fill(formOfSweep(definition), `Filled in to go on from ${name}.`, { directory: directory ?? '', round: filled })
      } catch (error) {
        showToast({ text: errorSentence(error), tone: 'error' })
      }
    },
    [client, fill],
  )

  const fillFromProblems = useCallback(
    async (query: URLSearchParams) => {
      try {
        const next = await client.impact.startRound.mutate(problemsAsked(query))
        const { definition, directory, runId, round, before } = next
        const name = `the problems chosen in run ${runId}`
        const filled = before === null ? null : { name, init: definition.init ?? '', round, runId, before }
        fill(formOfSweep(definition), `Filled in from ${name}.`, { directory: directory ?? '', round: filled })
      } catch (error) {
        showToast({ text: errorSentence(error), tone: 'error' })
      }
    },
    [client, fill],
  )

  useEffect(() => {
    newest.current = loadDraft()
    setCurrent(newest.current)
    setReady(true)
  }, [])
  useEffect(() => {
    if (!ready || (from === null && extend === null && checkpoint === null && impact === null)) return
    // gone from the address, so that a reload does not undo what was changed since
    window.history.replaceState(null, '', '/sweeps/new')
    const sweep = from ?? extend
    if (sweep !== null) {
      if (/^\d+$/.test(sweep)) void (from === null ? fillToExtend : fillFromSweep)(Number(sweep))
      else showToast({ text: `“${sweep}” is not the number of a sweep.`, tone: 'error' })
    } else if (checkpoint !== null) {
      if (/^\d+(,\d+)*$/.test(checkpoint)) void fillFromCheckpoints(checkpoint.split(',').map(Number))
      else showToast({ text: `“${checkpoint}” is not the number of a checkpoint.`, tone: 'error' })
    } else if (impact !== null) void fillFromProblems(new URLSearchParams(given))
  }, [
    ready,
    from,
    extend,
    checkpoint,
    impact,
    given,
    fillFromSweep,
    fillToExtend,
    fillFromCheckpoints,
    fillFromProblems,
  ])
  useEffect(() => {
    if (!ready) return
    const save = () => !forgotten.current && saveDraft(newest.current)
    const timer = setTimeout(save, millisecondsBeforeSave)
    window.addEventListener('pagehide', save)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('pagehide', save)
      save()
    }
  }, [ready, current])

  return {
    ready,
    current,
    change: useCallback((update) => setCurrent((draft) => ({ ...draft, form: update(draft.form) })), []),
    update: useCallback((changes) => setCurrent((draft) => ({ ...draft, ...changes })), []),
    replace: setCurrent,
    fill,
    fillFromSweep,
    forget: useCallback(() => {
      forgotten.current = true
      saveDraft(emptyDraft)
    }, []),
  }
}

/** What an address says of chosen problems; what it says wrong the server answers for. */
function problemsAsked(query: URLSearchParams) {
  const number = (name: string) => (query.get(name) === null ? undefined : Number(query.get(name)))
  const [steps, passes] = [number('steps'), number('passes')]
  const epochs = steps !== undefined ? { steps } : passes !== undefined ? { passes } : undefined
  return {
    id: Number(query.get('impact')),
    threshold: number('threshold') ?? usualThreshold,
    by: query.get('by') ?? undefined,
    epochs,
    controls: query.get('controls') === '1',
    checkpointId: number('start') ?? null,
  }
}

/** `a` → `a-repeat` → `a-repeat-2` → `a-repeat-3`. */
export function repeatName(name: string): string {
  const match = /^(.*-repeat)(?:-(\d+))?$/.exec(name)
  return match ? `${match[1]}-${Number(match[2] ?? 1) + 1}` : `${name}-repeat`
}
