import type { OtherRun, RunDetail } from '../../../contract/api/runs.ts'
import { Link } from '../../_shell/link.tsx'

/** What trainings of other sweeps have to do with this one: did the same, are doing it, or were its beginning. */
export function OtherTrainings({ run }: { run: RunDetail }) {
  const { reusedFrom, awaits, continues } = run
  return (
    <>
      {reusedFrom && (
        <p className="ink2">
          Not run here: <RunLink run={reusedFrom} /> did the same, and has its curves and log.
        </p>
      )}
      {awaits && (
        <p className="ink2">
          Waits for <RunLink run={awaits} />, which does the same: it is run here only if that does not end well.
        </p>
      )}
      {continues && (
        <p className="ink2">
          Goes on from {continues.checkpoint} of <RunLink run={continues} />
          {continues.told
            ? ', as told: a training of this length from the start might have come to something else.'
            : ': the same as from the start.'}
        </p>
      )}
    </>
  )
}

function RunLink({ run }: { run: OtherRun }) {
  return (
    <Link className="link" href={`/runs/${run.id}`}>
      run {run.number} of {run.sweepName}
    </Link>
  )
}
