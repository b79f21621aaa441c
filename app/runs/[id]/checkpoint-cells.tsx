/** What the rows of checkpoints have in common, of a sweep's run and of one of its own. */
import type { CheckpointView, KeptCheckpoint } from '../../../contract/api/checkpoints.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { CompareBox, type CompareChoice } from '../../_checkpoints/compare-choice.tsx'
import { formatCount, formatPercent, formatRatio } from '../../_words/format.ts'
import styles from './run.module.css'

/** `step 1,200, epoch 3`. */
export function nameOf({ step, epoch }: Pick<CheckpointView, 'step' | 'epoch'>): string {
  const parts = [step !== null && `step ${formatCount(step)}`, epoch !== null && `epoch ${epoch}`].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : 'checkpoint'
}

/** The box that picks a checkpoint, with its name. */
export function PickBox({ checkpoint, onToggle }: { checkpoint: KeptCheckpoint; onToggle: PickToggle }) {
  const name = nameOf(checkpoint)
  return (
    <label className={styles.pick}>
      <input
        type="checkbox"
        aria-label={`Pick ${name}`}
        checked={checkpoint.picked}
        onChange={() => onToggle(checkpoint, name)}
      />
      {name}
    </label>
  )
}

type PickToggle = (checkpoint: KeptCheckpoint, name: string) => void

/** An accuracy, and beside it its ratio to the baseline's where that is known. */
export function Result({
  checkpoint,
  benchmark,
  withRatio,
}: {
  checkpoint: KeptCheckpoint
  benchmark: string
  withRatio: boolean
}) {
  const result = ownValue(checkpoint.results, benchmark)
  const ratio = result?.ratio ?? null
  const counts =
    result?.correct != null && result.total !== null
      ? `${formatCount(result.correct)} of ${formatCount(result.total)}`
      : undefined
  return (
    <td className="num" title={result?.error ?? counts}>
      {result?.error ? <span className={styles.wrong}>no accuracy</span> : formatPercent(result?.accuracy ?? null)}
      <span className={`${styles.ratio} ${ratio !== null && ratio >= 1 ? styles.up : ''}`}>
        {withRatio && ratio !== null ? formatRatio(ratio) : ''}
      </span>
    </td>
  )
}

type ChoiceCellsProps = {
  checkpoint: KeptCheckpoint
  /** What the button says where nothing was said of the checkpoint. */
  invitation: string
  isOpened: boolean
  onOpen: (id: number | null) => void
  compare: CompareChoice
}

/** Tags and note, behind a button while the row is closed, and the box that ticks it for comparison. */
export function ChoiceCells({ checkpoint, invitation, isOpened, onOpen, compare }: ChoiceCellsProps) {
  const name = nameOf(checkpoint)
  return (
    <>
      <td>
        {!checkpoint.picked && (
          <button
            type="button"
            className="link small"
            aria-label={`Tags and note of ${name}`}
            aria-expanded={isOpened}
            onClick={() => onOpen(isOpened ? null : checkpoint.id)}
          >
            {said(checkpoint) || invitation}
          </button>
        )}
      </td>
      <td>
        <CompareBox
          id={checkpoint.id}
          name={name}
          checked={compare.chosen.includes(checkpoint.id)}
          onToggle={compare.toggle}
        />
      </td>
    </>
  )
}

/** Its tags, and a dash of its note, for a row that is closed. */
function said({ tags, note, startedRuns }: KeptCheckpoint): string {
  const used = startedRuns.length > 0 ? ['used by a round'] : []
  return [...tags, ...used, ...(note === '' ? [] : [note.length > 24 ? `${note.slice(0, 23)}…` : note])].join(', ')
}
