/** The project's errors as the API's: mapped here and nowhere else. */
import { TRPCError } from '@trpc/server'
import { SweepboardError, type ErrorCode, type Issue } from '../../domain/errors.ts'
import { logger } from '../base/process/log.ts'
import { describeFailure } from '../base/saying/describe-failure.ts'

const log = logger('api')

const codes: Record<ErrorCode, TRPCError['code']> = {
  invalid: 'BAD_REQUEST',
  'not-found': 'NOT_FOUND',
  conflict: 'CONFLICT',
}

/** The API's error for whatever the procedure of this name threw. A defect is logged and told without its inside. */
export function mapError(error: TRPCError, procedure: string): TRPCError {
  const { cause } = error
  if (error.code !== 'INTERNAL_SERVER_ERROR' || cause instanceof SweepboardError)
    log.debug(`${procedure} was refused: ${error.message}`)
  if (cause instanceof SweepboardError) return new TRPCError({ code: codes[cause.code], message: cause.message, cause })
  if (error.code !== 'INTERNAL_SERVER_ERROR') return error
  log.error(`${procedure} failed`, cause ?? error)
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
