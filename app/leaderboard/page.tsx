import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Ghost } from '../_shell/load-states.tsx'
import { LeaderboardPage } from './leaderboard-page.tsx'

export const metadata: Metadata = { title: 'Leaderboard' }

export default function Page() {
  return (
    <Suspense fallback={<Ghost />}>
      <LeaderboardPage />
    </Suspense>
  )
}
