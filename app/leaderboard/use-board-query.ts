'use client'
import { useSearchParams } from 'next/navigation'
import { type BoardQuery, readBoardQuery, writeBoardQuery } from '../../domain/asking/board-query.ts'

/** What is asked, as the address carries it, and a function that changes parts of it. */
export function useBoardQuery(): [BoardQuery, (changes: Partial<BoardQuery>) => void] {
  const query = readBoardQuery(useSearchParams())
  const change = (changes: Partial<BoardQuery>) => {
    // as it stands now: a field that is typed in may be a render behind
    const now = readBoardQuery(new URLSearchParams(window.location.search))
    const address = writeBoardQuery({ ...now, ...changes })
    // nothing of the page comes from the server by its address, so it is not asked
    window.history.replaceState(null, '', `/leaderboard${address.size > 0 ? `?${address}` : ''}`)
  }
  return [query, change]
}
