/** The project's errors as the API's: mapped here and nowhere else. */
import { TRPCError } from '@trpc/server'
import { SweepboardError, type ErrorCode, type Issue } from '../../domain/errors.ts'
import { describeFailure } from '../describe-failure.ts'

const codes: Record<ErrorCode, TRPCError['code']> = {
  invalid: 'BAD_REQUEST',
  'not-found': 'NOT_FOUND',
  conflict: 'CONFLICT',
}

/** The API's error for whatever a verb threw. A defect is printed and told without its inside. */
export function mapError(error: TRPCError): TRPCError {
  const { cause } = error
  if (cause instanceof SweepboardError) return new TRPCError({ code: codes[cause.code], message: cause.message, cause })
  if (error.code !== 'INTERNAL_SERVER_ERROR') return error
  console.error(cause ?? error)
  return new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: describeFailure(cause ?? error),
    cause: cause ?? error,
  })
}

/** What is wrong with the input, place by place; empty for other errors. */
export function issuesOf(error: TRPCError): Issue[] {
  return error.cause instanceof SweepboardError ? error.cause.issues : []
}
