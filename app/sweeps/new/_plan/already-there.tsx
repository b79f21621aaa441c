'use client'
import type { Preview } from '../../../../contract/api/sweeps.ts'
import { plural } from '../../../_words/format.ts'
import type { HowToStart } from '../draft.ts'
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
  const box = (name: keyof HowToStart, words: string) => (
    <label>
      <input
        type="checkbox"
        checked={how[name]}
        onChange={(event) => onHow({ ...how, [name]: event.target.checked })}
      />
      {words}
    </label>
  )
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
      {(how.continue || (preview?.work?.continuable ?? 0) > 0) &&
        box('continue', 'Go on from the ends of shorter trainings')}
      {box('afresh', 'Do everything afresh')}
      {overwrites && box('overwrite', 'Write over the checkpoints of other sweeps')}
    </section>
  )
}
