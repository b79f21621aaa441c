'use client'
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type BoardQuery, plainBoardQuery, writeBoardQuery } from '../../domain/asking/board-query.ts'
import type { BoardChoices, BoardPage } from '../../contract/api/leaderboard.ts'
import { agreementWords } from '../_words/agreement.ts'
import { formatCount, formatScore, plural } from '../_words/format.ts'
import { TriangleIcon } from '../_shell/icons.tsx'
import { Link } from '../_shell/link.tsx'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { pagesByNumber, rowsEachPage, usePagedRows } from '../_tables/paged-rows.tsx'
import { NamedViews } from '../_shell/named-views.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { BoardControls } from './board-controls.tsx'
import { BoardTable } from './board-table.tsx'
import { EmptyBoard, unevaluatedWords } from './empty-board.tsx'
import styles from './leaderboard.module.css'
import { SelectionActions } from './selection-actions.tsx'
import { useBoardQuery } from './use-board-query.ts'

const rowHeight = 30

/** Every scored checkpoint of every sweep: which one is the best, and how sure is that? The address says what is asked. */
export function LeaderboardPage() {
  const trpc = useTRPC()
  const [query, change] = useBoardQuery()
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const [total, setTotal] = useState(0)
  const { body, indexes, pageNumbers, before, after } = usePagedRows(total, rowHeight)
  const choices = useQuery(trpc.leaderboard.choices.queryOptions()).data
  const queries = useQueries({
    queries: pageNumbers.map((number) =>
      trpc.leaderboard.get.queryOptions(
        { ...query, filter: query.filter.trim(), offset: number * rowsEachPage, limit: rowsEachPage },
        { placeholderData: keepPreviousData, staleTime: 60_000, gcTime: 60_000 },
      ),
    ),
  })
  const pages = pagesByNumber(queries)
  // far away at once no page is there yet: what is said above the rows stays, and so does the height of the table
  const [known, setKnown] = useState<BoardPage | null>(null)
  const any = pages.values().next().value ?? known
  if (any && any !== known) setKnown(any)
  if (any && any.total !== total) setTotal(any.total)

  if (!any) {
    const failed = queries.find(({ error }) => error !== null)
    if (failed) return <LoadError error={failed.error} what="leaderboard" retry={() => void failed.refetch()} />
    return <Ghost lines={10} />
  }
  const asksNothing =
    writeBoardQuery({ ...query, sort: 'score', descending: true, grouped: false, baselineId: null }).size === 0
  if (any.checkpoints === 0 && asksNothing) return <EmptyBoard choices={choices} />

  return (
    <>
      <div className="title">
        <h1>Leaderboard</h1>
        <span className="ink2">{headWords(any)}</span>
        <div className="actions">
          <NamedViews page="/leaderboard" />
          <span className="small ink3">Tick rows to compare them or evaluate them again.</span>
          <a className="btn sm" href={`/export/leaderboard.csv?${writeBoardQuery(query)}`} download>
            CSV
          </a>
        </div>
      </div>
      <BoardControls query={query} onChange={change} choices={choices} error={any.error} />
      {any.error && (
        <p className="error" role="alert" id="filter-error">
          <TriangleIcon />
          {any.error}
        </p>
      )}
      {any.total > 0 && <Notes page={any} query={query} choices={choices} />}
      {any.total === 0 ? (
        <p className={styles.nothing}>
          No checkpoint passes what is asked.{' '}
          <button
            type="button"
            className="link"
            onClick={() => change({ ...plainBoardQuery, baselineId: query.baselineId, grouped: query.grouped })}
          >
            Show all
          </button>
        </p>
      ) : (
        <BoardTable
          page={any}
          rows={indexes.map((index) => {
            const page = pages.get(Math.floor(index / rowsEachPage))
            return { index, row: page?.rows[index - page.offset] ?? null }
          })}
          body={body}
          before={before}
          after={after}
          query={query}
          onChange={change}
          selected={selected}
          onSelect={(ids, on) =>
            setSelected((known) => {
              const next = new Set(known)
              for (const id of ids) {
                if (on) next.add(id)
                else next.delete(id)
              }
              return next
            })
          }
        />
      )}
      {selected.size > 0 && (
        <div className={styles.bar} role="group" aria-label="What is ticked">
          <SelectionActions ids={[...selected]} onClear={() => setSelected(new Set())} />
        </div>
      )}
    </>
  )
}

function headWords({ total, checkpoints, scored, rows }: BoardPage): string {
  const grouped = rows[0]?.group != null
  const unscored = checkpoints - scored
  return [
    grouped ? `${plural(total, 'group')} of ${plural(checkpoints, 'checkpoint')}` : plural(checkpoints, 'checkpoint'),
    unscored > 0 ? `${formatCount(unscored)} without a score` : '',
  ]
    .filter(Boolean)
    .join(', ')
}

/** What the figures mean, and what they leave out. */
function Notes({ page, query, choices }: { page: BoardPage; query: BoardQuery; choices: BoardChoices | undefined }) {
  const { withoutCheckpoint = 0, unevaluated = 0 } = choices ?? {}
  const { tied, uncounted, mixed, mostlyLuck, seeds } = page
  return (
    <div className={`small ink3 ${styles.notes}`}>
      {mixed.baselines && (
        <p className="ink2">
          These sweeps are scored against different baselines, so their scores do not compare. Choose one baseline for
          all of them.
        </p>
      )}
      {page.code.map((sentence) => (
        <p key={sentence} className="ink2">
          {sentence}
        </p>
      ))}
      <p>
        {tied > 0 && `In the bracket: the best, and ${formatCount(tied)} that may be it. `}
        {mostlyLuck
          ? 'Scores this close: mostly luck, so no chances of being the best are stated. '
          : 'Chance of best: among the rows shown here. '}
        Corrected: the best of many scores is partly luck, so each is moved towards the mean of its sweep, further where
        noise explains more of their differences.
        {query.grouped &&
          ' A group holds the checkpoints of equal settings, step and epoch, whatever their seed or sweep. Its interval is that of the mean over seeds, no narrower than their questions allow; a group of one has that of its questions. '}
        {query.grouped &&
          (seeds
            ? `One seed: another could move a score by about ${formatScore(seeds.deviation * Math.SQRT2)}, as the groups of several show.`
            : 'No group has two seeds: how far another would move a score is not known.')}
      </p>
      {page.extremes !== null && page.scored > page.uncounted && <p>{agreementWords(page.agreement, 'row')}</p>}
      {page.copies > 0 && (
        <p>
          {plural(page.copies, 'checkpoint')} that a sweep took over from an earlier one{' '}
          {page.copies === 1 ? 'is' : 'are'} not listed twice.
        </p>
      )}
      {mixed.aggregates && <p>Not all of these sweeps make one score of their benchmarks in the same way.</p>}
      {uncounted > 0 && (
        <p>
          {plural(uncounted, 'row')} without a known number of questions {uncounted === 1 ? 'has' : 'have'} no interval
          and {uncounted === 1 ? 'takes' : 'take'} no part in the chances.
        </p>
      )}
      {withoutCheckpoint > 0 && (
        <p>
          {plural(withoutCheckpoint, 'published score')} without accuracies of a checkpoint{' '}
          {withoutCheckpoint === 1 ? 'is' : 'are'} not listed; the pages of their sweeps have them.
        </p>
      )}
      {unevaluated > 0 && (
        <p>
          {unevaluatedWords(unevaluated)}{' '}
          <Link className="link" href="/runs">
            Runs
          </Link>{' '}
          lists {unevaluated === 1 ? 'it' : 'them'}.
        </p>
      )}
    </div>
  )
}
