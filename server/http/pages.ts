import path from 'node:path'
import type { Environment } from '../formats/environment.ts'
import type { RequestHandler } from 'next/dist/server/next.js'

const root = path.resolve(import.meta.dirname, '../..')

/** Where the pages are that were drawn when they were built. */
export function builtPagesFolder(environment: Environment): string {
  return path.join(root, environment.NEXT_DIST_DIR || '.next', 'server/app')
}

export type Pages = { ready: Promise<RequestHandler>; close: () => Promise<void> }

/** Next's pages inside a server of our own. They must have been built; `dev` builds them as they are asked for. */
export async function openPages(options: { dev: boolean; host: string; port: number }): Promise<Pages> {
  // React and Next choose their builds by this when they are loaded, so it is set before they are.
  Object.assign(process.env, { NODE_ENV: options.dev ? 'development' : 'production', NEXT_TELEMETRY_DISABLED: '1' })
  const { default: next } = await import('next')
  const pages = next({ dev: options.dev, dir: root, hostname: options.host, port: options.port })
  return { ready: pages.prepare().then(() => pages.getRequestHandler()), close: () => pages.close() }
}
