import type { Metadata } from 'next'
import { BaselinesPage } from './baselines-page.tsx'

export const metadata: Metadata = { title: 'Baselines' }

export default function Page() {
  return <BaselinesPage />
}
