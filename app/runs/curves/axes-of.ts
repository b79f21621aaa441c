import type { BundleAxis } from '../../_charts/run-bundle.tsx'

/** A setting of which each run has a value of its own (a folder, a name) tells no two groups apart: it stands last. */
export function axesOf(runs: readonly { params: Readonly<Record<string, string>> }[]): BundleAxis[] {
  const names = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))]
  const axes = names.map((name) => ({ name, values: valuesOf(runs, name) }))
  const isOwn = ({ values }: BundleAxis) => values.length === runs.length && runs.length > 2
  return [...axes.filter((axis) => !isOwn(axis)), ...axes.filter(isOwn)]
}

/** The values of a setting in their order: numbers by their size. */
function valuesOf(runs: readonly { params: Readonly<Record<string, string>> }[], name: string): string[] {
  const values = [...new Set(runs.flatMap(({ params }) => params[name] ?? []))]
  const compare = (a: string, b: string) => {
    const [left, right] = [Number(a), Number(b)]
    return Number.isNaN(left) || Number.isNaN(right) ? a.localeCompare(b, 'en', { numeric: true }) : left - right
  }
  return values.toSorted(compare)
}
