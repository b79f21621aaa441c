import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Ghost } from '../_shell/load-states.tsx'
import { ComparePage } from './compare-page.tsx'

export const metadata: Metadata = { title: 'Compare' }

export default function Page() {
  return (
    <Suspense fallback={<Ghost />}>
      <ComparePage />
    </Suspense>
  )
}
