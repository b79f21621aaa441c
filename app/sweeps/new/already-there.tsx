'use client'
import type { Preview } from '../../../contract/api/sweeps.ts'
import { plural } from '../../_words/format.ts'
import type { HowToStart } from './draft.ts'
import styles from './preview.module.css'

type Props = {
  preview: Preview | null
  how: HowToStart
  onHow: (how: HowToStart) => void
}

/** What earlier sweeps did the same and is not repeated, what is done again and why, and how to have it otherwise. */
export function AlreadyThere({ preview, how, onHow }: Props) {
  const sentences = preview?.reuse ?? []
  const overwrites = how.overwrite || (preview?.issues.some(({ overwrite }) => overwrite) ?? false)
  if (sentences.length === 0 && !how.afresh && !overwrites) return null
  return (
    <section className={styles.there} aria-label="What is there already">
      <h3>What is there already</h3>
      <div aria-live="polite">
        {preview?.work && sentences.length > 0 && (
          <p>
            <b>
              {plural(preview.work.trainings, 'training')} and {plural(preview.work.evaluations, 'evaluation')} to do.
            </b>
          </p>
        )}
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <label>
        <input
          type="checkbox"
          checked={how.afresh}
          onChange={(event) => onHow({ ...how, afresh: event.target.checked })}
        />
        Do everything afresh
      </label>
      {overwrites && (
        <label>
          <input
            type="checkbox"
            checked={how.overwrite}
            onChange={(event) => onHow({ ...how, overwrite: event.target.checked })}
          />
          Write over the checkpoints of other sweeps
        </label>
      )}
    </section>
  )
}
