'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { PromptView } from '../../../../contract/api/samples.ts'
import { formatValue } from '../../../_charts/curve-data.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { errorSentence, useTRPC } from '../../../_shell/trpc.ts'
import { LongText } from './long-text.tsx'
import { PromptChart } from './prompt-chart.tsx'
import styles from './rollouts.module.css'
import { SampleCard } from './sample.tsx'

type Point = PromptView['points'][number]
type Choice = 'highest' | 'lowest' | 'first' | 'all'
const choiceWords: Record<Choice, string> = {
  highest: 'the highest reward of each step',
  lowest: 'the lowest reward of each step',
  first: 'the first response of each step',
  all: 'every response',
}
const samplesAtOnce = 20

/** One prompt over the steps: reward and length of its responses, and the responses one below the other. */
export function PromptOverSteps({ runId, sampleId, onBack }: { runId: number; sampleId: number; onBack: () => void }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.samples.prompt.queryOptions({ id: runId, sampleId }, { staleTime: Infinity }))
  const [choice, setChoice] = useState<Choice>('highest')
  const [count, setCount] = useState(samplesAtOnce)
  const back = (
    <button type="button" className="btn sm" onClick={onBack}>
      Back to the steps
    </button>
  )
  if (query.error) {
    return (
      <>
        <p className="error" role="alert">
          {errorSentence(query.error)}
        </p>
        {back}
      </>
    )
  }
  if (!query.data) return <p className="ink3">Reading …</p>
  const { prompt, points } = query.data
  const chosen = chosenPoints(points, choice)
  const steps = new Set(points.map(({ step }) => step)).size
  return (
    <section aria-labelledby="prompt-title">
      <div className="section-head">
        <h2 id="prompt-title">One prompt over the steps</h2>
        <span className="note">
          {plural(points.length, 'response')} in {plural(steps, 'step')}
        </span>
        <div className="actions">{back}</div>
      </div>
      <LongText
        text={prompt}
        characters={prompt.length}
        search=""
        of={{ runId, sampleId, part: 'prompt' }}
        label="Prompt"
      />
      <div className={styles.charts}>
        <PromptChart name="reward" points={points.map(({ step, reward }) => ({ step, value: reward }))} />
        <PromptChart
          name="length, characters"
          points={points.map(({ step, characters }) => ({ step, value: characters }))}
        />
      </div>
      <div className={styles.controls}>
        <label className="ink2">
          Show{' '}
          <select
            aria-label="Responses shown"
            value={choice}
            onChange={(event) => {
              setChoice(event.target.value as Choice)
              setCount(samplesAtOnce)
            }}
          >
            {Object.entries(choiceWords).map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <span className="ink3 small">
          <ins className={styles.key}>new words</ins> and <del className={styles.key}>words that are gone</del> since
          the step before
        </span>
      </div>
      <Responses runId={runId} points={chosen.slice(0, count)} />
      {count < chosen.length && (
        <button type="button" className="btn" onClick={() => setCount(count + samplesAtOnce)}>
          Show more of {formatCount(chosen.length)}
        </button>
      )}
    </section>
  )
}

function chosenPoints(points: Point[], choice: Choice): Point[] {
  if (choice === 'all') return points
  const reward = (point: Point) => point.reward ?? (choice === 'highest' ? -Infinity : Infinity)
  return [...Map.groupBy(points, ({ step }) => step).values()].map((ofStep) =>
    choice === 'first'
      ? ofStep[0]!
      : ofStep.reduce((found, point) =>
          (choice === 'highest' ? reward(point) > reward(found) : reward(point) < reward(found)) ? point : found,
        ),
  )
}

function Responses({ runId, points }: { runId: number; points: Point[] }) {
  const trpc = useTRPC()
  const steps = useQuery(trpc.samples.steps.queryOptions({ id: runId }))
  const query = useQuery(
    trpc.samples.some.queryOptions(
      { id: runId, ids: points.map(({ id }) => id).slice(0, 200) },
      { staleTime: Infinity, placeholderData: keepPreviousData },
    ),
  )
  if (query.error && !query.data) return <p className="error">{errorSentence(query.error)}</p>
  const samples = query.data ?? []
  const byStep = [...Map.groupBy(samples, ({ step }) => step).values()]
  return (
    <div className={styles.samples}>
      {byStep.map((ofStep, at) =>
        ofStep.map((sample, place) => (
          <SampleCard
            key={sample.id}
            sample={sample}
            runId={runId}
            steps={{ parts: steps.data?.parts ?? [] }}
            search=""
            // the response at the same place of the step before
            before={byStep[at - 1]?.[place]?.response ?? null}
            head={
              <h3>
                Step {formatCount(sample.step)}
                {sample.attempt > 1 && `, attempt ${sample.attempt}`}
                {sample.group.samples > 1 && (
                  <span className="ink3 small">
                    {' '}
                    {formatCount(sample.group.samples)} responses, mean {formatValue(sample.group.mean)}
                  </span>
                )}
              </h3>
            }
          />
        )),
      )}
    </div>
  )
}
