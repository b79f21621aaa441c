'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { highestTemperature, mostSamples } from '../../domain/score/again.ts'
import type { AgainOptionsView } from '../../contract/api/repeats.ts'
import styles from './evaluate-again-dialog.module.css'
import { listWords, plural } from '../_words/format.ts'
import { TriangleIcon } from '../_shell/icons.tsx'
import { Ghost } from '../_shell/load-states.tsx'
import { showToast } from '../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'

/** Measuring one or several checkpoints again: benchmarks, samples and temperature, and what will happen, before it does. */
export function EvaluateAgainDialog({ checkpointIds, onClose }: { checkpointIds: number[]; onClose: () => void }) {
  const trpc = useTRPC()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  const query = useQuery(trpc.checkpoints.againOptions.queryOptions({ ids: checkpointIds }, { staleTime: 0 }))
  const only = query.data?.checkpoints.length === 1 ? query.data.checkpoints[0] : undefined
  const close = () => dialog.current?.close()
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="again-title" onClose={onClose}>
      <h2 id="again-title">
        {only
          ? `Evaluate ${only.name} of ${only.runTitle}, again`
          : `Evaluate ${plural(checkpointIds.length, 'checkpoint')} again`}
      </h2>
      {query.data ? (
        <Form options={query.data} onClose={close} />
      ) : (
        <>
          {query.error ? <p className="error">{errorSentence(query.error)}</p> : <Ghost lines={4} />}
          <div className="actions">
            <button type="button" className="btn" onClick={close}>
              Close
            </button>
          </div>
        </>
      )}
    </dialog>
  )
}

function Form({ options, onClose }: { options: AgainOptionsView; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [typed, type] = useState({ samples: '16', temperature: '0.6', file: '' })
  const [chosen, choose] = useState(() => options.benchmarks.filter(({ own }) => own).map(({ value }) => value))
  const able = options.checkpoints.filter(({ why }) => why === null)
  const builtIn = able.filter((checkpoint) => checkpoint.builtIn)
  const samples = /^\d{1,6}$/.test(typed.samples.trim()) ? Number(typed.samples) : null
  const temperature = /^\d*\.?\d+$/.test(typed.temperature.trim()) ? Number(typed.temperature) : null
  const benchmarks = [...chosen, ...(typed.file.trim() === '' ? [] : [typed.file.trim()])]
  const wrong = whatIsWrong(samples, temperature, builtIn.length > 0 && benchmarks.length === 0)

  const refresh = () => {
    for (const filter of [trpc.runs.get.pathFilter(), trpc.sweeps.get.pathFilter(), trpc.sweeps.list.pathFilter()])
      void queryClient.invalidateQueries(filter)
  }
  const onError = (error: unknown) => showToast({ text: errorSentence(error), tone: 'error' })
  const cancel = useMutation(trpc.checkpoints.cancelAgain.mutationOptions({ onSuccess: refresh, onError }))
  const start = useMutation(
    trpc.checkpoints.evaluateAgain.mutationOptions({
      onSuccess: ({ jobIds }) => {
        refresh()
        showToast({
          text: `Queued ${plural(jobIds.length, 'evaluation')}.`,
          undo: () => cancel.mutate({ jobIds }),
        })
        onClose()
      },
    }),
  )
  // what the server said was about what stood there then
  const setTyped = (next: typeof typed) => {
    start.reset()
    type(next)
  }
  const setChosen = (next: string[]) => {
    start.reset()
    choose(next)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (wrong !== null || samples === null || temperature === null) return
        start.mutate({ checkpointIds: able.map(({ id }) => id), benchmarks, samples, temperature })
      }}
    >
      <p>
        Several answers to each question narrow the interval, as far as the number of questions allows. The result
        stands beside the evaluation that there is; scores stay.
      </p>
      {able.length > 0 && (
        <>
          <div className={styles.numbers}>
            <label className="field">
              <span>Samples a question</span>
              <input
                type="text"
                inputMode="numeric"
                autoFocus
                value={typed.samples}
                aria-invalid={samples === null || undefined}
                onChange={(event) => setTyped({ ...typed, samples: event.target.value })}
              />
            </label>
            <label className="field">
              <span>Temperature</span>
              <input
                type="text"
                inputMode="decimal"
                value={typed.temperature}
                aria-invalid={temperature === null || undefined}
                onChange={(event) => setTyped({ ...typed, temperature: event.target.value })}
              />
            </label>
          </div>
          {builtIn.length > 0 && (
            <Benchmarks
              options={options}
              chosen={chosen}
              onChosen={setChosen}
              file={typed.file}
              onFile={(file) => setTyped({ ...typed, file })}
            />
          )}
          <Cautions options={options} samples={samples} temperature={temperature} benchmarks={benchmarks} />
        </>
      )}
      <CannotBe options={options} />
      {(wrong ?? start.error) !== null && able.length > 0 && (
        <p className="error" role="alert">
          <TriangleIcon />
          <span>{wrong ?? errorSentence(start.error)}</span>
        </p>
      )}
      <div className="actions">
        <button type="button" className="btn" onClick={onClose}>
          {able.length > 0 ? 'Cancel' : 'Close'}
        </button>
        {able.length > 0 && (
          <button type="submit" className="btn primary" disabled={wrong !== null || start.isPending}>
            Start {plural(able.length, 'evaluation')}
          </button>
        )}
      </div>
    </form>
  )
}

function whatIsWrong(samples: number | null, temperature: number | null, noBenchmark: boolean): string | null {
  if (samples === null || samples < 1 || samples > mostSamples)
    return `Samples: expected a whole number from 1 to ${mostSamples}.`
  if (temperature === null || temperature > highestTemperature)
    return `Temperature: expected a number from 0 to ${highestTemperature}.`
  if (temperature === 0 && samples > 1)
    return 'At temperature 0 all samples of a question are the same: choose 1 sample, or a temperature above 0.'
  return noBenchmark ? 'Choose at least one benchmark.' : null
}

function Benchmarks(props: {
  options: AgainOptionsView
  chosen: string[]
  onChosen: (chosen: string[]) => void
  file: string
  onFile: (file: string) => void
}) {
  const { options, chosen, onChosen, file, onFile } = props
  return (
    <fieldset className={styles.benchmarks}>
      <legend className="label">Benchmarks</legend>
      <div className={styles.choices}>
        {options.benchmarks.map(({ name, value }) => (
          <label key={value} title={value}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) =>
                onChosen(event.target.checked ? [...chosen, value] : chosen.filter((other) => other !== value))
              }
            />
            {name}
          </label>
        ))}
      </div>
      <input
        type="text"
        aria-label="Another benchmark"
        placeholder="Another: path of a .jsonl file"
        title="A file with question (or problem) and answer in each line"
        value={file}
        onChange={(event) => onFile(event.target.value)}
      />
    </fieldset>
  )
}

/** What a person may take for granted and is not so. */
function Cautions(props: {
  options: AgainOptionsView
  samples: number | null
  temperature: number | null
  benchmarks: string[]
}) {
  const { options, samples, temperature, benchmarks } = props
  const able = options.checkpoints.filter(({ why }) => why === null)
  const builtIn = able.filter((checkpoint) => checkpoint.builtIn).length
  const commands = able.length - builtIn
  const names = options.benchmarks.filter(({ value }) => benchmarks.includes(value)).map(({ name }) => name)
  const lacking = builtIn > 0 ? options.scored.filter((name) => !names.includes(name)) : []
  const paused = [...new Set(able.flatMap(({ pausedSweep }) => pausedSweep ?? []))]
  if (commands + lacking.length + paused.length === 0) return null
  return (
    <ul className={styles.cautions}>
      {commands > 0 && (
        <li>
          {builtIn > 0 ? `${commands} of them are evaluated by a command, which` : 'The command'} runs again as it
          stands, on the benchmarks that it has. It finds SWEEPBOARD_SAMPLES={samples ?? '…'} and
          SWEEPBOARD_TEMPERATURE={temperature ?? '…'} in its environment; one that heeds neither and draws no random
          numbers gives the same figures again.
        </li>
      )}
      {lacking.length > 0 && (
        <li>
          Without {listWords(lacking)} there are accuracies and no score: it needs every benchmark of the baseline.
        </li>
      )}
      {paused.length > 0 && <li>{listWords(paused)} is paused: what is queued there waits until it goes on.</li>}
    </ul>
  )
}

function CannotBe({ options }: { options: AgainOptionsView }) {
  const unable = options.checkpoints.filter(({ why }) => why !== null)
  if (unable.length === 0) return null
  const [first] = unable
  const rest = unable.length - 1
  return (
    <p className={styles.unable}>
      Cannot be evaluated: {first!.name} of {first!.runTitle} ({first!.why})
      {rest > 0 && ` and ${plural(rest, 'other')}`}.
    </p>
  )
}
