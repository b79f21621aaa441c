'use client'
import { useQuery } from '@tanstack/react-query'
import { createTwoFilesPatch } from 'diff'
import { Fragment, useState } from 'react'
import type { ComparedPair, ComparedView, CompareView } from '../../contract/api/compare.ts'
import { PatchText } from '../_files/patch-text.tsx'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'
import { listWords } from '../_words/format.ts'
import { Letter } from './letters.tsx'
import styles from './compare.module.css'

/** What the compared were run with otherwise: code, packages, variables, machine. */
export function RanTable({ view, pair }: { view: CompareView; pair: ComparedPair }) {
  const { compared, ran } = view
  const unknown = compared.filter((one) => one.ran === null)
  if (unknown.length === compared.length) return null
  const groups = ran.filter(({ differing }) => differing.length > 0)
  // what is known of one alone is the same as nothing
  const isCompared = compared.length - unknown.length > 1
  const equal = isCompared ? ran.filter(({ differing, equal: count }) => differing.length === 0 && count > 0) : []
  const [first, second] = [compared[0]!, compared[pair.other]!]
  return (
    <section className="section" aria-labelledby="ran-title">
      <div className="section-head">
        <h2 id="ran-title">What was run</h2>
        {equal.length > 0 && (
          <span className="note">the same in all: {listWords(equal.map(({ title }) => title.toLowerCase()))}</span>
        )}
      </div>
      {groups.length > 0 && (
        <div className="table-wrap">
          <table className={styles.settings} aria-label="What was run otherwise">
            <thead>
              <tr>
                <td aria-hidden="true" />
                {compared.map((one, at) => (
                  <th key={one.letter} scope="col">
                    <Letter at={at} />
                    {one.runName}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {groups.map(({ title, differing }) => (
                <Fragment key={title}>
                  <tr>
                    <th scope="rowgroup" colSpan={compared.length + 1} className={styles.kind}>
                      {title}
                    </th>
                  </tr>
                  {differing.map(({ key, values }) => (
                    <tr key={key}>
                      <th scope="row">{key}</th>
                      {values.map((value, at) => (
                        <td key={compared[at]!.letter} className={styles.differs}>
                          <span className="mono">{value ?? '–'}</span>
                        </td>
                      ))}
                    </tr>
                  ))}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {groups.length === 0 && unknown.length === 0 && <p className="ink3">Nothing that was recorded differs.</p>}
      {unknown.length > 0 && (
        <p className="small ink3">
          Of {listWords(unknown.map(({ letter }) => letter))} nothing was recorded: nobody knows what it was run with.
        </p>
      )}
      {/* of one of whom nothing was recorded nobody knows that it had none */}
      {first.ran && second.ran && (first.ran.hasPatch || second.ran.hasPatch) && (
        <PatchDifference key={second.letter} first={first} second={second} />
      )}
    </section>
  )
}

/** How the uncommitted changes of two differ: what the one's patch has and the other's has not. */
function PatchDifference({ first, second }: { first: ComparedView; second: ComparedView }) {
  const [open, setOpen] = useState(false)
  const [left, right] = [usePatch(first, open), usePatch(second, open)]
  const names = [`${first.letter}, ${first.name}`, `${second.letter}, ${second.name}`] as const
  const error = left.error ?? right.error
  const loaded = left.text !== null && right.text !== null
  return (
    <details className={styles.patches} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Uncommitted changes of {first.letter} and {second.letter}
      </summary>
      {error && <p className="error">{errorSentence(error)}</p>}
      {loaded && left.text === right.text && <p className="small ink2">They are the same.</p>}
      {loaded && left.text !== right.text && (
        <PatchText
          text={differenceOf(names, left.text!, right.text!)}
          name={`${first.letter}-${second.letter}.patch`}
          label="How the uncommitted changes differ"
        />
      )}
    </details>
  )
}

/** The patch of one alone as it is; of two the difference of the patches. */
function differenceOf(names: readonly [string, string], left: string, right: string): string {
  if (left === '') return `===== ${names[1]} alone has uncommitted changes\n${right}`
  if (right === '') return `===== ${names[0]} alone has uncommitted changes\n${left}`
  return createTwoFilesPatch(names[0], names[1], left, right, '', '', { context: 3 })
}

function usePatch({ ran }: ComparedView, open: boolean) {
  const trpc = useTRPC()
  const enabled = open && ran !== null && ran.hasPatch
  const query = useQuery({
    ...trpc.runs.patch.queryOptions({ id: ran?.runId ?? 0, attempt: ran?.attempt ?? 1 }),
    enabled,
  })
  return { text: enabled ? (query.data === undefined ? null : (query.data ?? '')) : '', error: query.error }
}
