import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Ghost } from '../_shell/load-states.tsx'
import { RunsPage } from './runs-page.tsx'

export const metadata: Metadata = { title: 'Runs' }

export default function Page() {
  return (
    <Suspense fallback={<Ghost lines={8} />}>
      <RunsPage />
    </Suspense>
  )
}
