import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { LearningImpactPage } from './impact-page.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Learning impact in run ${(await params).id}` }
}

export default async function Page({ params }: Props) {
  const { id } = await params
  if (!/^\d{1,15}$/.test(id)) notFound()
  return <LearningImpactPage id={Number(id)} />
}
