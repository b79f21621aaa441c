/**
 * TensorFlow's own library for the trainer, where there is a use for it: hundreds of megabytes that nothing else needs.
 * A download that is out of reach is no failure: the trainer's own kernels serve.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { npmCommand } from './packages.mjs'
import { inRoot, read, run, say, step } from './steps.mjs'

const hasGpu = () => spawnSync('nvidia-smi', ['--list-gpus'], { timeout: 10_000 }).status === 0

/**
 * Installs tfjs-node-gpu where `nvidia-smi` answers, and tfjs-node where `asked` on a machine without.
 * Ends with one line on how it went.
 */
export async function installNative(asked) {
  const gpu = hasGpu()
  if (!gpu && !asked) return
  const name = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node'
  const version = JSON.parse(read(inRoot('package.json'))).peerDependencies[name]
  if (existsSync(inRoot('node_modules', name, 'lib'))) return say(`${name} is installed.`)
  const [program, first] = npmCommand()
  let result
  await step(`Fetching ${name} (hundreds of megabytes)`, `Asked for ${name}`, async () => {
    // Beside the packages of the lock, which stays as it is. As an optional one: where its download fails, npm takes it away.
    const options = [
      '--no-save',
      '--save-optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--foreground-scripts',
    ]
    result = await run(program, [...first, 'install', ...options, `${name}@${version}`])
  })
  const works = result.succeeded && loads(name)
  say(
    works
      ? `${name} is installed; trainings use it from now on.`
      : `${name} could not be fetched or does not load here; trainings use the built-in kernels, which need nothing else.`,
  )
}

function loads(name) {
  const program = `const u=require('util');u.isNullOrUndefined??=(v)=>v==null;u.isArray=Array.isArray;require('${name}')`
  return (
    spawnSync(inRoot('node_modules/.bin/node'), ['--eval', program], { cwd: inRoot(), timeout: 60_000 }).status === 0
  )
}
