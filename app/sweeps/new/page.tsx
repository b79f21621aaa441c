import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Ghost } from '../../_shell/load-states.tsx'
import { NewSweepPage } from './new-sweep.tsx'

export const metadata: Metadata = { title: 'New sweep' }

export default function Page() {
  return (
    <Suspense fallback={<Ghost />}>
      <NewSweepPage />
    </Suspense>
  )
}
