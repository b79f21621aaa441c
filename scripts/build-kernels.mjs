/**
 * Compiles the trainer's SIMD kernels (AssemblyScript) to build/kernels.wasm, unless they are unchanged since the last
 * time. Plain JavaScript that also runs on Node 20, so that set-up can call it before the pinned Node is in place.
 * By hand: `node scripts/build-kernels.mjs [--force]`.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const sources = path.join(root, 'trainer', 'kernels', 'assembly')
const output = path.join(root, 'build', 'kernels.wasm')
const stamp = path.join(root, 'build', 'kernels.hash')
const options = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--enable',
  'simd',
  '--enable',
  'relaxed-simd',
  '--use',
  'abort=',
]

function hashOfSources() {
  const hash = createHash('sha256').update(options.join(' '))
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(path.join(sources, name)))
  return hash.digest('hex')
}

/**
 * Builds the kernels where their sources changed.
 * @returns {Promise<boolean>} whether anything was built
 */
export async function buildKernels(force = false) {
  const hash = hashOfSources()
  if (!force && existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false
  const { main } = await import('assemblyscript/asc')
  mkdirSync(path.dirname(output), { recursive: true })
  // two processes may build at once: each writes a file of its own and renames it into place
  const partial = `kernels.${process.pid}.partial.wasm`
  const { error, stderr } = await main([
    path.join('trainer', 'kernels', 'assembly', 'index.ts'),
    '--baseDir',
    root,
    '-o',
    path.join('build', partial),
    ...options,
  ])
  if (error)
    throw new Error(`The trainer's kernels in ${sources} do not compile: ${error.message}\n${stderr.toString()}`)
  renameSync(path.join(path.dirname(output), partial), output)
  writeFileSync(stamp, hash)
  return true
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await buildKernels(process.argv.includes('--force'))
  console.log(built ? 'Built build/kernels.wasm' : 'build/kernels.wasm is up to date')
}
