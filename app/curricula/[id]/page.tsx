import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { CurriculumPage } from './curriculum-page.tsx'

export const metadata: Metadata = { title: 'Curriculum' }

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <CurriculumPage id={Number(id)} />
}
