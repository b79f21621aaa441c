/** `npm run bench`: every benchmark, one after the other; `npm run bench -- scheduler` runs one. */
export const benchmarks = [
  'scheduler',
  'cluster',
  'provenance',
  'sampling',
  'lists',
  'pages',
  'samples',
  'series',
  'live',
  'bundle',
  'large-page',
  'grading',
  'trainer',
  'workers',
  'luck',
  'racing',
  'stopping',
  'search',
  'tracker',
  'opened',
] as const

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark === name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; expected some of: ${benchmarks.join(', ')}.`)
  process.exit(2)
}
for (const name of benchmarks) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { run } = (await import(`./${name}.ts`)) as { run: () => Promise<void> }
  await run()
}
