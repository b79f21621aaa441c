import type { Metadata } from 'next'
import { SweepsPage } from './_home/sweeps-page.tsx'

// the layout's template serves the pages below this one only
export const metadata: Metadata = { title: { absolute: 'Sweeps · Sweepboard' } }

export default function Page() {
  return <SweepsPage />
}
