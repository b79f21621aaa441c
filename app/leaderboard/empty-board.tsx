import { Link } from '../_shell/link.tsx'
import { plural } from '../_words/format.ts'

/** Before anything was evaluated: what stands here later, and how to get there. */
export function EmptyBoard({ withoutCheckpoint }: { withoutCheckpoint: number }) {
  return (
    <div className="message">
      <h1>No evaluated checkpoint yet</h1>
      <p>
        The leaderboard ranks the checkpoints of all sweeps, and of runs of their own, against one baseline. A
        checkpoint stands here as soon as it is evaluated.
        {withoutCheckpoint > 0 &&
          ` ${plural(withoutCheckpoint, 'published score')} without a checkpoint: on the page of the sweep.`}
      </p>
      <div className="actions">
        <Link className="btn primary" href="/sweeps/new">
          New sweep
        </Link>
        <Link className="btn" href="/">
          All sweeps
        </Link>
      </div>
    </div>
  )
}
