import type { ParametersView } from '../../../../contract/api/parameters.ts'

/** For the query of a sweep's effects: asks every half a second while they are being computed. */
export const askAgainWhilePending = {
  refetchInterval: (query: { state: { data?: ParametersView | undefined } }) =>
    query.state.data?.pending ? 500 : false,
}
