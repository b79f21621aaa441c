import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { SearchPage } from './search-page.tsx'

export const metadata: Metadata = { title: 'How it searches' }

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <SearchPage id={Number(id)} />
}
