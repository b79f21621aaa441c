'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { SampleGroup, SampleStepsView, SampleView } from '../../../../contract/api/samples.ts'
import { formatValue } from '../../../_charts/curve-data.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { errorSentence, useTRPC } from '../../../_shell/trpc.ts'
import { LongText } from './long-text.tsx'
import styles from './rollouts.module.css'
import { SampleCard } from './sample.tsx'
import type { StepRow } from './step-rows.ts'
import type { Shown } from './use-address.ts'

const samplesAtOnce = 40

/** The samples that are asked for, a page at a time; those of one prompt in one step stand under their prompt. */
export function SampleList({
  runId,
  steps,
  shown,
  row,
  onChange,
}: {
  runId: number
  steps: SampleStepsView
  shown: Shown
  /** Of the step that is shown; null for all steps. */
  row: StepRow | null
  onChange: (changes: Partial<Shown>) => void
}) {
  const trpc = useTRPC()
  const { search, filter, order, attempt } = shown
  const query = useInfiniteQuery(
    trpc.samples.page.infiniteQueryOptions(
      {
        id: runId,
        search,
        filter,
        order,
        limit: samplesAtOnce,
        ...(typeof shown.step === 'number' && { step: shown.step }),
        ...(attempt !== null && { attempt }),
      },
      { getNextPageParam: (page) => page.next, retry: false, staleTime: Infinity },
    ),
  )
  const pages = query.data?.pages ?? []
  const samples = pages.flatMap((page) => page.samples)
  const last = pages.at(-1)
  // a search that found little so far goes on by itself: each call looks for a tenth of a second
  const searching = search.trim() !== '' && query.hasNextPage && samples.length % samplesAtOnce !== 0
  const foundNothingYet = search.trim() !== '' && query.hasNextPage && samples.length === 0
  const goesOn = (searching || foundNothingYet) && !query.isFetching && !query.error
  const { fetchNextPage } = query
  useEffect(() => {
    if (goesOn) void fetchNextPage()
  }, [goesOn, fetchNextPage])

  if (query.error && !query.data) {
    return (
      <p className="error" role="alert">
        {errorSentence(query.error)}
      </p>
    )
  }
  if (!last) return <p className="ink3">Reading …</p>
  if (last.error !== null) {
    return (
      <p className="error" role="alert">
        {last.error}
      </p>
    )
  }
  const candidates = pages[0]!.candidates
  const more = filter.trim() === '' && row !== null ? row.samples - candidates : 0
  return (
    <div className={styles.samples}>
      <p className={styles.found} role="status">
        {foundWords(samples.length, last.looked, last.candidates, search, query.hasNextPage)}
        {more > 0 && (
          <>
            {' '}
            <button type="button" className="link" onClick={() => void query.refetch()}>
              {plural(more, 'new sample')} of this step, show
            </button>
          </>
        )}
      </p>
      {samples.map((sample, at) => (
        <Row
          key={sample.id}
          sample={sample}
          before={samples[at - 1] ?? null}
          runId={runId}
          steps={steps}
          search={search}
          withStep={shown.step === 'all'}
          onFollow={() => onChange({ prompt: sample.id })}
        />
      ))}
      {query.hasNextPage && !searching && (
        <button type="button" className="btn" disabled={query.isFetching} onClick={() => void fetchNextPage()}>
          {query.isFetching ? 'Reading …' : search.trim() === '' ? 'Show more' : 'Look further'}
        </button>
      )}
      {samples.length === 0 && !query.hasNextPage && (search !== '' || filter !== '') && (
        <p>
          <button type="button" className="link" onClick={() => onChange({ search: '', filter: '' })}>
            Show every sample
          </button>
          {typeof shown.step === 'number' && (
            <>
              {' or '}
              <button type="button" className="link" onClick={() => onChange({ step: 'all' })}>
                look in all steps
              </button>
            </>
          )}
        </p>
      )}
    </div>
  )
}

function foundWords(found: number, looked: number, of: number, search: string, goesOn: boolean): string {
  if (of === 0) return 'No sample passes.'
  if (search.trim() === '') {
    return found === of ? plural(found, 'sample') : `${formatCount(found)} of ${plural(of, 'sample')}`
  }
  const where = goesOn
    ? `, looked at ${formatCount(looked)} of ${formatCount(of)} so far`
    : ` in ${plural(of, 'sample')}`
  return `“${search.trim()}”: ${found === 0 ? (goesOn ? 'none yet' : 'none') : formatCount(found)}${where}`
}

function Row({
  sample,
  before,
  onFollow,
  withStep,
  ...rest
}: {
  sample: SampleView
  before: SampleView | null
  runId: number
  steps: SampleStepsView
  search: string
  withStep: boolean
  onFollow: () => void
}) {
  const begins = before === null || before.group.index !== sample.group.index
  return (
    <>
      {begins && <GroupHead sample={sample} withStep={withStep} onFollow={onFollow} {...rest} />}
      <SampleCard sample={sample} {...rest} />
    </>
  )
}

/** How many responses there are, and how many of them are here; of a group that nobody told of, those that are here. */
function responsesOf({ samples, of }: SampleGroup): string {
  if (of !== null && of > samples) return `${formatCount(samples)} of ${formatCount(of)} responses to one prompt`
  return samples === 1 ? '1 response' : `${formatCount(samples)} responses to one prompt`
}

/** The prompt, and how its responses in this step compare. */
function GroupHead({
  sample: { step, attempt, group, ofPrompt, prompt, promptCharacters, id },
  withStep,
  onFollow,
  runId,
  search,
}: {
  sample: SampleView
  runId: number
  search: string
  withStep: boolean
  onFollow: () => void
}) {
  return (
    <div className={styles.group}>
      <p className={styles.groupFigures}>
        {withStep && (
          <b>
            Step {formatCount(step)}
            {attempt > 1 && `, attempt ${attempt}`}
          </b>
        )}
        <span>{responsesOf(group)}</span>
        {(group.of ?? group.samples) > 1 && group.mean !== null && (
          <span>
            {group.of === null ? 'mean reward of these' : 'mean reward'} <b>{formatValue(group.mean)}</b>,{' '}
            {group.deviation! >= 1e-8 ? (
              <>
                spread <b>{formatValue(group.deviation)}</b>
              </>
            ) : group.of === null ? (
              'all equal'
            ) : (
              'all equal: a group without spread gives no gradient'
            )}
          </span>
        )}
        {ofPrompt.steps > 1 && (
          <button type="button" className="link" onClick={onFollow}>
            Follow this prompt over {plural(ofPrompt.steps, 'step')}
          </button>
        )}
      </p>
      <LongText
        text={prompt}
        characters={promptCharacters}
        search={search}
        of={{ runId, sampleId: id, part: 'prompt' }}
        label="Prompt"
      />
    </div>
  )
}
