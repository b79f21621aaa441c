'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Fragment, useDeferredValue, useState } from 'react'
import type { ComparedPair, CompareView, PairOutcome, QuestionRow, QuestionView } from '../../contract/api/compare.ts'
import { formatCount, plural } from '../_words/format.ts'
import { RightIcon } from '../_words/status.tsx'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'
import styles from './compare.module.css'
import { Letter } from './letters.tsx'

const rowsEachPage = 10
/** A longer passage is folded. */
const mostCharacters = 1_500
const mostLines = 16

/** The questions themselves, by who was right, with what each of the two answered. */
export function Questions({ view, pair }: { view: CompareView; pair: ComparedPair }) {
  const trpc = useTRPC()
  const [outcome, setOutcome] = useState<PairOutcome>('onlyFirst')
  const [benchmark, setBenchmark] = useState('')
  const [typed, setTyped] = useState('')
  const [offset, setOffset] = useState(0)
  const [opened, setOpened] = useState<string | null>(null)
  const search = useDeferredValue(typed)
  const [first, second] = [view.compared[0]!, view.compared[pair.other]!]
  const paired = pair.benchmarks.filter(({ counts }) => counts !== null)
  const ids = { first: first.checkpoint!.id, second: second.checkpoint!.id }
  const shown = paired.filter(({ name }) => benchmark === '' || name === benchmark)
  const query = useQuery({
    ...trpc.compare.questions.queryOptions({
      ...ids,
      benchmarks: shown.map(({ name }) => name),
      outcome,
      search,
      offset,
      limit: rowsEachPage,
    }),
    placeholderData: keepPreviousData,
  })
  const choices: [PairOutcome, string][] = [
    ['onlyFirst', 'Only A'],
    ['onlySecond', `Only ${second.letter}`],
    ['both', 'Both'],
    ['neither', 'Neither'],
  ]
  const counted = (one: PairOutcome) => shown.reduce((sum, { counts }) => sum + counts![one], 0)
  const anew = (change: () => void) => {
    change()
    setOffset(0)
    setOpened(null)
  }
  const { data } = query
  return (
    <section className="section" aria-labelledby="questions-title">
      <div className="section-head">
        <h2 id="questions-title">Questions</h2>
        <div className={`seg ${styles.questionKinds}`} role="radiogroup" aria-label="Which questions">
          {choices.map(([value, words]) => (
            <label key={value}>
              <input
                type="radio"
                name="outcome"
                checked={outcome === value}
                onChange={() => anew(() => setOutcome(value))}
              />
              {words}, {formatCount(counted(value))}
            </label>
          ))}
        </div>
        <div className="actions">
          {paired.length > 1 && (
            <select
              className={styles.choose}
              aria-label="Benchmark"
              value={benchmark}
              onChange={(event) => anew(() => setBenchmark(event.target.value))}
            >
              <option value="">Every benchmark</option>
              {paired.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          <input
            type="search"
            className={styles.search}
            placeholder="Find in prompts and answers"
            aria-label="Find in prompts and answers"
            value={typed}
            onChange={(event) => anew(() => setTyped(event.target.value))}
          />
        </div>
      </div>
      {query.error && (
        <p className="error" role="alert">
          {errorSentence(query.error)}
        </p>
      )}
      {data && data.rows.length === 0 && (
        <p className="ink3" role="status">
          {search.trim() === '' ? 'There is no such question.' : `No such question holds “${search.trim()}”.`}
        </p>
      )}
      {data && data.rows.length > 0 && (
        <div className="table-wrap">
          <table className={styles.questions} aria-label="Questions" aria-busy={query.isPlaceholderData}>
            <thead>
              <tr>
                <th>Benchmark</th>
                <th>Question</th>
                <th>Expected</th>
                <th>A answered</th>
                <th>{second.letter} answered</th>
                <th aria-label="Responses" />
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row) => {
                const key = `${row.benchmark}/${row.id}`
                return (
                  <Fragment key={key}>
                    <tr>
                      <td>{row.benchmark}</td>
                      <td className={styles.id}>{row.id}</td>
                      <td className="mono">{row.answer ?? '–'}</td>
                      <Answer text={row.first} right={isRight(row, 'onlyFirst')} />
                      <Answer text={row.second} right={isRight(row, 'onlySecond')} />
                      <td>
                        <button
                          type="button"
                          className="link small"
                          aria-expanded={opened === key}
                          aria-label={`Both responses to ${row.benchmark} ${row.id}`}
                          onClick={() => setOpened(opened === key ? null : key)}
                        >
                          {opened === key ? 'close' : 'both responses'}
                        </button>
                      </td>
                    </tr>
                    {opened === key && (
                      <tr className={styles.opened}>
                        <td colSpan={6}>
                          <Responses ids={ids} row={row} at={pair.other} />
                        </td>
                      </tr>
                    )}
                  </Fragment>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      {data && (
        <div className={styles.pager}>
          <span className="small ink3" role="status">
            {data.lookedThrough !== null
              ? `${plural(data.total, 'question')} found in the first ${formatCount(data.lookedThrough)} of ${formatCount(data.ofKind)}: the search stopped, as it took too long.`
              : data.total > 0 &&
                `${formatCount(offset + 1)} to ${formatCount(Math.min(offset + rowsEachPage, data.total))} of ${formatCount(data.total)}`}
          </span>
          {data.total > rowsEachPage && (
            <span className="actions">
              <button
                type="button"
                className="btn sm"
                disabled={offset === 0}
                onClick={() => setOffset(Math.max(0, offset - rowsEachPage))}
              >
                Previous
              </button>
              <button
                type="button"
                className="btn sm"
                disabled={offset + rowsEachPage >= data.total}
                onClick={() => setOffset(offset + rowsEachPage)}
              >
                Next
              </button>
            </span>
          )}
        </div>
      )}
    </section>
  )
}

function isRight({ outcome }: QuestionRow, alone: PairOutcome): boolean {
  return outcome === 'both' || outcome === alone
}

function Answer({ text, right }: { text: string; right: boolean }) {
  return (
    <td className={right ? 'mono' : 'mono ink2'}>
      <span className={styles.answer}>
        <RightIcon right={right} />
        <span>{text === '' ? 'nothing' : text}</span>
      </span>
    </td>
  )
}

/** Both responses in full. What a model wrote is text, whatever it looks like. */
function Responses({ ids, row, at }: { ids: { first: number; second: number }; row: QuestionRow; at: number }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.compare.question.queryOptions({ ...ids, benchmark: row.benchmark, id: row.id }))
  if (query.error) return <p className="error">{errorSentence(query.error)}</p>
  if (!query.data) return <p className="ink3 small">Reading…</p>
  const { prompt, otherPrompt, answer, first, second } = query.data
  return (
    <div className={styles.responses}>
      <div className={styles.wide}>
        <h3>{otherPrompt === null ? 'Prompt' : 'Prompt of A'}</h3>
        <Passage text={prompt} label={otherPrompt === null ? 'Prompt' : 'Prompt of A'} />
      </div>
      {otherPrompt !== null && (
        <div className={styles.wide}>
          <h3>Prompt of {String.fromCharCode(65 + at)}</h3>
          <Passage text={otherPrompt} label={`Prompt of ${String.fromCharCode(65 + at)}`} />
        </div>
      )}
      <div className={styles.wide}>
        <h3>Reference answer</h3>
        <pre>{answer ?? 'none'}</pre>
      </div>
      <Response at={0} given={first} />
      <Response at={at} given={second} />
    </div>
  )
}

function Response({ at, given }: { at: number; given: QuestionView['first'] }) {
  return (
    <div>
      <h3>
        <Letter at={at} />
        {given.correct ? 'right' : 'wrong'}
        {given.given !== null && `, answered ${given.given}`}
      </h3>
      <Passage text={given.response} label={`Response of ${String.fromCharCode(65 + at)}`} />
    </div>
  )
}

/** A text as it was written; a long one is folded. */
function Passage({ text, label }: { text: string; label: string }) {
  const [all, setAll] = useState(false)
  const long = text.length > mostCharacters || text.split('\n').length > mostLines
  return (
    <>
      <pre role="group" aria-label={label} className={long && !all ? styles.cut : undefined}>
        {text === '' ? '(nothing)' : text}
      </pre>
      {long && (
        <button type="button" className="link small" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show less' : `Show all ${formatCount(text.length)} characters`}
        </button>
      )}
    </>
  )
}
