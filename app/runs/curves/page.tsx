import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Ghost } from '../../_shell/load-states.tsx'
import { RunsCurvesPage } from './runs-curves-page.tsx'

export const metadata: Metadata = { title: 'Curves' }

export default function Page() {
  return (
    <Suspense fallback={<Ghost lines={8} />}>
      <RunsCurvesPage />
    </Suspense>
  )
}
