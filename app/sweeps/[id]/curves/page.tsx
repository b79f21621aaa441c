import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { CurvesPage } from './curves-page.tsx'

export const metadata: Metadata = { title: 'Curves' }

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <CurvesPage id={Number(id)} />
}
