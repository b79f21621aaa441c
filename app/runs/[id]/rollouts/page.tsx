import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { RolloutsPage } from './rollouts-page.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Rollouts of run ${(await params).id}` }
}

export default async function Page({ params }: Props) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <RolloutsPage id={Number(id)} />
}
