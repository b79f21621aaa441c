/** What `npm start` runs: the server (run.ts), compiled only where it is another than at the last start. That is a third of a start's work. */
import { enableCompileCache } from 'node:module'
import { compiledFolder } from './base/process/compiled.ts'

// before anything else is loaded; where the folder cannot be written to, all is compiled
enableCompileCache(compiledFolder)
await import('./run.ts')
