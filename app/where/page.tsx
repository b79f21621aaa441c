import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { WherePage } from './where-page.tsx'

export const metadata: Metadata = { title: 'Where it runs' }

export default async function Page({ searchParams }: { searchParams: Promise<{ sweep?: string | string[] }> }) {
  const { sweep } = await searchParams
  if (sweep !== undefined && !/^\d{1,15}$/.test(String(sweep))) notFound()
  return <WherePage sweepId={sweep === undefined ? null : Number(sweep)} />
}
