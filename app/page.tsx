import type { Metadata } from 'next'
import { SweepsPage } from './_home/sweeps-page.tsx'

export const metadata: Metadata = { title: 'Sweeps' }

export default function Page() {
  return <SweepsPage />
}
