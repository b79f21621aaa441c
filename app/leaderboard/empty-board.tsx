import { Link } from '../_shell/link.tsx'
import type { BoardChoices } from '../../contract/api/leaderboard.ts'
import { plural } from '../_words/format.ts'

/** Why runs of their own do not stand on the leaderboard. */
export function unevaluatedWords(count: number): string {
  return count === 1
    ? 'One run of its own said nothing of a benchmark, so it is not ranked here.'
    : `${plural(count, 'run')} of their own said nothing of a benchmark, so they are not ranked here.`
}

/** Before anything was evaluated: what stands here later, and how to get there. */
export function EmptyBoard({ choices }: { choices: BoardChoices | undefined }) {
  const { withoutCheckpoint = 0, unevaluated = 0 } = choices ?? {}
  return (
    <div className="message">
      <h1>No evaluated checkpoint yet</h1>
      <p>
        The leaderboard ranks the checkpoints of all sweeps, and of runs of their own, against one baseline. A
        checkpoint stands here as soon as it is evaluated.
        {withoutCheckpoint > 0 &&
          ` ${plural(withoutCheckpoint, 'published score')} without a checkpoint: on the page of the sweep.`}
        {unevaluated > 0 && ` ${unevaluatedWords(unevaluated)}`}
      </p>
      <div className="actions">
        <Link className="btn primary" href="/sweeps/new">
          New sweep
        </Link>
        <Link className="btn" href="/">
          All sweeps
        </Link>
        {unevaluated > 0 && (
          <Link className="btn" href="/runs">
            Runs
          </Link>
        )}
      </div>
    </div>
  )
}
