/** Next builds the pages only; server/main.ts serves them beside the API. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

// a folder of one's own (e.g. build/next-mine) lets two people, or a test and a person, build side by side
const distDir = process.env.NEXT_DIST_DIR || '.next'

/** Next writes the folder of its types into the tsconfig it is given: another folder gets another file, so that git stays clean. */
function tsconfigPath() {
  if (distDir === '.next') return 'tsconfig.json'
  const name = `${distDir}.tsconfig.json`
  const file = path.join(import.meta.dirname, name)
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true })
    const root = path.relative(path.dirname(file), import.meta.dirname) || '.'
    const config = {
      extends: `${root}/tsconfig.json`,
      compilerOptions: { plugins: [{ name: 'next' }] },
      include: [`${root}/app`],
    }
    writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`)
  }
  return name
}

/** @type {import('next').NextConfig} */
const config = {
  distDir,
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // types are checked once over everything, by `npm run check`
  typescript: { ignoreBuildErrors: true, tsconfigPath: tsconfigPath() },
}

export default config
