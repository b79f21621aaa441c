'use client'
import { mostCompared } from '../../contract/api/compare.ts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRouter, useSearchParams } from 'next/navigation'
import { useState } from 'react'
import type { ComparedView, CompareView } from '../../contract/api/compare.ts'
import { CopyButton } from '../_files/copy-button.tsx'
import { Curves } from '../_charts/curves.tsx'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { AccuracyChart } from './accuracy-chart.tsx'
import { type AskedComparison, addressOf, askedIn } from './address.ts'
import { ChooseCompared } from './choose-compared.tsx'
import styles from './compare.module.css'
import { EmptyCompare } from './empty-compare.tsx'
import { Letter, letterColours } from './letters.tsx'
import { PairsTable } from './pairs-table.tsx'
import { QuestionCounts } from './question-counts.tsx'
import { Questions } from './questions.tsx'
import { RanTable } from './ran-table.tsx'
import { ComparedSettings } from './settings.tsx'
import { verdictWords } from './verdict.ts'

/** Is A really better than B? `?runs=` or `?checkpoints=` names what is compared, `?baseline=` what scores compare with. */
export function ComparePage() {
  const trpc = useTRPC()
  const address = useSearchParams()
  const asked = askedIn(address)
  const baseline = address.get('baseline')
  const baselineId = baseline !== null && /^\d+$/.test(baseline) ? Number(baseline) : null
  const several = asked.ids.length >= 2 && asked.ids.length <= mostCompared
  const query = useQuery({
    ...trpc.compare.get.queryOptions({ ...asked, baselineId }),
    enabled: several,
    placeholderData: keepPreviousData,
  })
  if (!several) return <EmptyCompare asked={asked} />
  if (query.data) return <Comparison view={query.data} asked={asked} baselineId={baselineId} />
  return query.error ? (
    <LoadError error={query.error} what="comparison" retry={() => void query.refetch()} />
  ) : (
    <Ghost lines={8} />
  )
}

const noMarks = { checkpoints: [], attempts: [], now: null }

function Comparison({
  view,
  asked,
  baselineId,
}: {
  view: CompareView
  asked: AskedComparison
  baselineId: number | null
}) {
  const trpc = useTRPC()
  const router = useRouter()
  const address = useSearchParams()
  const baselines = useQuery(trpc.baselines.list.queryOptions()).data ?? []
  const [adding, setAdding] = useState(false)
  const [shown, setShown] = useState(1)
  const { compared, pairs, metrics } = view
  const pair = pairs.find(({ other }) => other === shown) ?? pairs[0]!
  const { head, more } = verdictWords(view)
  const go = (ids: number[]) => router.replace(addressOf({ of: asked.of, ids }, address), { scroll: false })
  const chooseBaseline = (id: string) => {
    const next = new URLSearchParams(address)
    if (id === '') next.delete('baseline')
    else next.set('baseline', id)
    router.replace(addressOf(asked, next), { scroll: false })
  }
  const runIds = [...new Set(compared.map(({ runId }) => runId))]
  const lettersOfRun = (runId: number) => compared.flatMap((one, at) => (one.runId === runId ? [at] : []))
  return (
    <>
      <div className="title">
        <h1>Compare</h1>
        <div className="actions">
          <select
            className={styles.choose}
            aria-label="Baseline"
            value={baselineId ?? ''}
            onChange={(event) => chooseBaseline(event.target.value)}
          >
            <option value="">
              {compared[0]!.home.kind === 'sweep' ? 'Baseline of A’s sweep' : 'Baseline of the first sweep'}
            </option>
            {baselines.map(({ id, name }) => (
              <option key={id} value={id}>
                Baseline {name}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="btn"
            onClick={() => go([asked.ids[1]!, asked.ids[0]!, ...asked.ids.slice(2)])}
          >
            Swap{compared.length > 2 && ' A and B'}
          </button>
          {asked.ids.length < mostCompared && (
            <button type="button" className="btn" aria-expanded={adding} onClick={() => setAdding(!adding)}>
              Add another
            </button>
          )}
          <a
            className="btn"
            href={`/export${addressOf(asked, address).replace('?', '.html?')}`}
            download
            title="One HTML file that opens anywhere, to hand on"
          >
            Page
          </a>
          <CopyLink />
        </div>
      </div>
      {adding && (
        <ChooseCompared
          asked={asked}
          runIds={runIds}
          onChoose={(id) => {
            setAdding(false)
            go([...asked.ids, id])
          }}
        />
      )}
      <p className={styles.verdict} data-verdict="">
        {head}
      </p>
      {more.length > 0 && <p className={styles.more}>{more.join(' ')}</p>}
      {view.code.map((sentence) => (
        <p key={sentence} className={styles.more}>
          {sentence}
        </p>
      ))}
      <section className="section" aria-label="Settings, scores and accuracies">
        <div className={`cols ${compared.length > 3 ? '' : styles.two}`}>
          <ComparedSettings view={view} asked={asked} go={go} />
          <AccuracyChart view={view} />
        </div>
      </section>
      {pairs.length > 1 && <PairsTable view={view} shown={pair.other} onShow={setShown} />}
      <QuestionCounts view={view} pair={pair} onShow={setShown} />
      {pair.all && <Questions key={pair.other} view={view} pair={pair} />}
      <RanTable view={view} pair={pair} />
      <section className="section" aria-labelledby="curves-title">
        <div className="section-head">
          <h2 id="curves-title">Curves</h2>
          <span className="note">
            {runIds.map((runId) => (
              <span key={runId} className={styles.legend}>
                <i style={{ background: letterColours[lettersOfRun(runId)[0]!] }} />
                {lettersOfRun(runId).map((at) => (
                  <Letter key={at} at={at} />
                ))}
                {runWords(compared[lettersOfRun(runId)[0]!]!, compared)}
              </span>
            ))}
            {metrics.length > 0 && 'Drag to zoom.'}
          </span>
        </div>
        {metrics.length > 0 ? (
          <Curves
            runIds={runIds}
            metrics={metrics}
            steps={[0, Math.max(1, view.lastStep)]}
            marks={noMarks}
            colours={runIds.map((runId) => letterColours[lettersOfRun(runId)[0]!]!)}
          />
        ) : (
          <p className="ink3">
            {runIds.length === 1
              ? 'Its training reported no metrics.'
              : 'No two of these runs have a metric of the same name.'}
          </p>
        )}
      </section>
    </>
  )
}

/** `run 3`; of several sweeps or projects their names, which tell more. */
function runWords({ home, runName }: ComparedView, compared: ComparedView[]): string {
  const isSame = compared.every((one) => one.home.kind === home.kind && one.home.id === home.id)
  return isSame ? runName : `${home.name}, ${runName}`
}

function CopyLink() {
  return (
    <CopyButton
      text={typeof location === 'undefined' ? '' : location.href}
      label="Copy the link to this comparison"
      words="Copy link"
    />
  )
}
