'use client'
import { Fragment, useState } from 'react'
import type { OwnRunDetail } from '../../../contract/api/own-runs.ts'
import { CompareLink, useCompareChoice } from '../../_checkpoints/compare-choice.tsx'
import { useCheckpointChanges } from '../../_checkpoints/use-checkpoint.ts'
import { Link } from '../../_shell/link.tsx'
import { ChoiceCells, nameOf, PickBox, Result } from './checkpoint-cells.tsx'
import { KeptChoice, OnDisk } from './checkpoint-choice.tsx'
import styles from './run.module.css'

/** The models that a run of its own saved, and what it said that they reached: to pick, to go on from, to compare. */
export function OwnCheckpoints({ run: { checkpoints } }: { run: OwnRunDetail }) {
  const { togglePick } = useCheckpointChanges()
  const compare = useCompareChoice()
  const [opened, setOpened] = useState<number | null>(null)
  if (checkpoints.length === 0) return null
  const benchmarks = [...new Set(checkpoints.flatMap(({ results }) => Object.keys(results)))]
  return (
    <section className="section" id="checkpoints" aria-labelledby="checkpoints-title">
      <div className="section-head">
        <h2 id="checkpoints-title">Checkpoints</h2>
        <span className="note">
          {benchmarks.length === 0 ? (
            'pick one to go on from; none was evaluated, so none has a score'
          ) : (
            <>
              pick one to go on from; scores, against a baseline that you choose, are on the{' '}
              <Link className="link" href="/leaderboard">
                leaderboard
              </Link>
            </>
          )}
        </span>
        <div className="actions">
          <CompareLink chosen={compare.chosen} onClear={compare.clear} />
        </div>
      </div>
      <div className="table-wrap">
        <table aria-labelledby="checkpoints-title" className={styles.checkpoints}>
          <thead>
            <tr>
              <th>Checkpoint</th>
              {benchmarks.map((benchmark) => (
                <th className="num" key={benchmark}>
                  {benchmark}, %
                </th>
              ))}
              <th>On disk</th>
              <th>Tags</th>
              <th>Compare</th>
            </tr>
          </thead>
          <tbody>
            {checkpoints.map((checkpoint) => (
              <Fragment key={checkpoint.id}>
                <tr
                  id={`checkpoint-${checkpoint.id}`}
                  className={`${styles.target} ${checkpoint.picked ? 'is-open' : ''}`}
                >
                  <td className="strong">
                    <PickBox checkpoint={checkpoint} onToggle={togglePick} />
                  </td>
                  {benchmarks.map((benchmark) => (
                    <Result key={benchmark} checkpoint={checkpoint} benchmark={benchmark} withRatio={false} />
                  ))}
                  <td>
                    <OnDisk checkpoint={checkpoint} />
                  </td>
                  <ChoiceCells
                    checkpoint={checkpoint}
                    invitation="tag, note, next round"
                    isOpened={opened === checkpoint.id}
                    onOpen={setOpened}
                    compare={compare}
                  />
                </tr>
                {(checkpoint.picked || opened === checkpoint.id) && (
                  <tr className={`${styles.choice} ${checkpoint.picked ? 'is-open' : ''}`}>
                    <td colSpan={benchmarks.length + 4}>
                      <KeptChoice checkpoint={checkpoint} name={nameOf(checkpoint)} />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
