import type { Issue } from '../../domain/errors.ts'
import { TriangleIcon } from './icons.tsx'

/** What is wrong with a file, each with its line; beyond `most` they are counted. Nothing where nothing is. */
export function IssueList({ id, issues, most }: { id: string; issues: readonly Issue[]; most: number }) {
  if (issues.length === 0) return null
  return (
    <div id={id} role="alert">
      {issues.slice(0, most).map((issue) => (
        <p className="error" key={`${issue.line} ${issue.path.join('/')} ${issue.message}`}>
          <TriangleIcon />
          <span>
            {issue.line !== undefined && <b>Line {issue.line}: </b>}
            {issue.message}
          </span>
        </p>
      ))}
      {issues.length > most && <p className="error">And {issues.length - most} more.</p>}
    </div>
  )
}
