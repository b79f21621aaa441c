'use client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import type { Issue } from '../../domain/errors.ts'
import type { AppRouter } from '../../server/api/root.ts'

/** `useTRPC()` gives the typed options for react-query's hooks; `useTRPCClient()` the client itself. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()

/** What went wrong, as a sentence a person can act on; a request that never reached the server says so. */
export function errorSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (/failed to fetch|networkerror|load failed|fetch failed/i.test(message)) {
    return 'The server did not answer. Check that it still runs, then try again.'
  }
  return message === '' ? 'Something went wrong, and nothing says what.' : message
}

/** What was wrong with the input, field by field; empty when the error is of another kind. */
export function errorIssues(error: unknown): Issue[] {
  const data = error instanceof Error && 'data' in error ? error.data : null
  if (typeof data !== 'object' || data === null || !('issues' in data)) return []
  return Array.isArray(data.issues) ? (data.issues as Issue[]) : []
}

/** Whether the server answered that the thing does not exist. */
export function isNotFound(error: unknown): boolean {
  const data = error instanceof Error && 'data' in error ? error.data : null
  return typeof data === 'object' && data !== null && 'code' in data && data.code === 'NOT_FOUND'
}
