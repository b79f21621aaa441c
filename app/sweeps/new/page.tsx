import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Ghost } from '../../_shell/load-states.tsx'
import { NewSweep } from './new-sweep.tsx'

export const metadata: Metadata = { title: 'New sweep' }

export default function Page() {
  return (
    <Suspense fallback={<Ghost />}>
      <NewSweep />
    </Suspense>
  )
}
