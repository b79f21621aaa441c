/**
 * Builds tfjs-node without its own download, for contributors: the binding is compiled here, against the C library and
 * headers that PyPI's tensorflow wheel carries. Everything goes to build/native, where the trainer looks for it after
 * the project's own packages. Needs python3 with pip, g++, Node's headers, and about 1.5 GB of disk.
 *
 *   node scripts/build-native-backend.mjs
 *   SWEEPBOARD_BACKEND=tfjs-node npm run sweep -- examples/short-cot.yaml
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const tfjsNodeVersion = '4.22.0'
// the newest wheel of the C library's major version that tfjs-node was written against
const tensorflowVersion = '2.15.1'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const native = path.join(root, 'build', 'native')
const modules = path.join(native, 'node_modules')
const tfjsNode = path.join(modules, '@tensorflow', 'tfjs-node')

function run(program, args) {
  execFileSync(program, args, { cwd: native, stdio: 'inherit' })
}

/** Node's C headers; its binary interface is stable, so those of another version serve as well. */
function headers() {
  const prefix = path.dirname(path.dirname(process.execPath))
  const places = [path.join(prefix, 'include/node'), '/usr/include/node', '/usr/local/include/node']
  const found = places.find((place) => existsSync(path.join(place, 'node_api.h')))
  if (found === undefined)
    throw new Error(`Node's headers are in none of ${places.join(', ')}; expected node_api.h there`)
  return found
}

mkdirSync(native, { recursive: true })
const include = headers()
writeFileSync(path.join(native, 'package.json'), '{ "private": true }\n')
run('npm', [
  'install',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-save',
  `@tensorflow/tfjs-node@${tfjsNodeVersion}`,
])
// one library in the process: tfjs itself comes from the project
for (const name of readdirSync(path.join(modules, '@tensorflow'))) {
  if (name !== 'tfjs-node') rmSync(path.join(modules, '@tensorflow', name), { recursive: true })
}
run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', '.', `tensorflow-cpu==${tensorflowVersion}`])
const wheel = readdirSync(native).find((name) => name.startsWith('tensorflow_cpu-') && name.endsWith('.whl'))
run('python3', ['-m', 'zipfile', '-e', wheel, 'wheel'])
const library = path.join(native, 'wheel', 'tensorflow')
const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) => path.join(library, name))
const binding = path.join(tfjsNode, 'lib', 'napi-v8', 'tfjs_binding.node')
mkdirSync(path.dirname(binding), { recursive: true })
run('g++', [
  '-shared',
  '-fPIC',
  '-O2',
  '-std=c++17',
  `-I${path.join(library, 'include')}`,
  `-I${include}`,
  path.join(tfjsNode, 'binding', 'tfjs_backend.cc'),
  path.join(tfjsNode, 'binding', 'tfjs_binding.cc'),
  '-o',
  binding,
  ...libraries,
  `-Wl,-rpath,${library}`,
])
rmSync(path.join(native, wheel))
console.log(`Built ${path.relative(root, binding)}`)
