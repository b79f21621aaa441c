import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { ParametersPage } from './parameters-page.tsx'

export const metadata: Metadata = { title: 'Which parameter mattered' }

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <ParametersPage id={Number(id)} />
}
