import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { SweepPage } from './sweep-page.tsx'

export const metadata: Metadata = { title: 'Sweep' }

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <SweepPage id={Number(id)} />
}
