/** What `npm start` runs: the server (run.ts), loaded in half the time that it takes by itself. */
import { enableCompileCache, registerHooks } from 'node:module'
import { compiledFolder } from './base/process/compiled.ts'

// what is as it was at the last start is not compiled again; where the folder cannot be written to, all is
enableCompileCache(compiledFolder)
// to know what kind of file one is, Node takes its package.json apart, for each file again: drizzle has hundreds, and 180 kB of that
const drizzle = import.meta.resolve('drizzle-orm').replace(/[^/]*$/, '')
const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.startsWith(drizzle)
      ? { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
      : next(specifier, context),
})
await import('./run.ts')
hooks.deregister()
