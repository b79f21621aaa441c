import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Ghost } from '../_shell/load-states.tsx'
import { LineagePage } from './lineage-page.tsx'

export const metadata: Metadata = { title: 'Lineage' }

export default function Page() {
  return (
    <Suspense fallback={<Ghost />}>
      <LineagePage />
    </Suspense>
  )
}
