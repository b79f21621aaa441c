import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { RunPage } from './run-page.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${(await params).id}` }
}

export default async function Page({ params }: Props) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <RunPage id={Number(id)} />
}
