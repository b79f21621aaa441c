'use client'
import { Link } from './link.tsx'
import { errorSentence, isNotFound } from './trpc.ts'

/** The shape of a page that waits for its first answer; shown to the eye only. */
export function Ghost({ lines = 6 }: { lines?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, at) => (
        <span
          key={at}
          className="ghost"
          style={{ height: at === 0 ? 28 : 20, width: at === 0 ? 240 : '100%', marginBottom: 16 }}
        />
      ))}
    </div>
  )
}

/** A page whose first answer was an error. `what` is the noun: "sweep", "run". */
export function LoadError({ error, what, retry }: { error: unknown; what: string; retry: () => void }) {
  const missing = isNotFound(error)
  return (
    <div className="message" role="alert">
      <h1>{missing ? `There is no such ${what}` : `The ${what} could not be read`}</h1>
      <p>{errorSentence(error)}</p>
      <div className="actions">
        {!missing && (
          <button type="button" className="btn primary" onClick={retry}>
            Try again
          </button>
        )}
        <Link className="btn" href="/">
          All sweeps
        </Link>
      </div>
    </div>
  )
}
