import type { Metadata } from 'next'
import { NewCurriculumPage } from './new-curriculum.tsx'

export const metadata: Metadata = { title: 'New curriculum' }

export default function Page() {
  return <NewCurriculumPage />
}
