'use client'
import { errorSentence } from './_shell/trpc.ts'

/** A defect of a page: what was thrown, and two ways on. */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <div className="message" role="alert">
      <h1>This page could not be drawn</h1>
      <p>
        <code>{errorSentence(error)}</code>
      </p>
      <p>Trainings are not affected: they run apart from the pages.</p>
      <div className="actions">
        <button type="button" className="btn primary" onClick={reset}>
          Try again
        </button>
        {/* a whole new page: what broke may be in the frame */}
        <a className="btn" href="/">
          All sweeps
        </a>
      </div>
    </div>
  )
}
