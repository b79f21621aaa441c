/** The Content-Security-Policy of pages: scripts come from this server, and those within a page are named one by one. */
import { hash } from 'node:crypto'
// oxlint-disable-next-line no-restricted-imports -- pages of this project
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * The policy for a page. Pages that were drawn when they were built have scripts with known hashes; those that are drawn as
 * they are asked for get `nonce`, which Next takes from the same header of the request.
 */
export type ContentPolicy = (pathname: string, nonce: string) => string

/** `folder`: where Next wrote the pages that it drew when they were built. */
export function readContentPolicy(folder: string): ContentPolicy {
  const hashes = new Map<string, string[]>()
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  for (const file of files) {
    if (!file.endsWith('.html')) continue
    const address = file === 'index.html' ? '/' : `/${file.slice(0, -'.html'.length).replaceAll(path.sep, '/')}`
    hashes.set(address, inlineScripts(readFileSync(path.join(folder, file), 'utf8')).map(hashOf))
  }
  const elsewhere = hashes.get('/_not-found') ?? []
  return (pathname, nonce) =>
    [
      "default-src 'self'",
      `script-src 'self' 'nonce-${nonce}' ${(hashes.get(pathname) ?? elsewhere).join(' ')}`.trimEnd(),
      // charts and React set styles of single elements
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self' data:",
      "worker-src 'self' blob:",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; ')
}

/** What stands in the script elements of a page that Next wrote: no script of it holds an end tag. */
function inlineScripts(html: string): string[] {
  return html
    .matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)
    .map(([, text]) => text!)
    .filter((text) => text !== '')
    .toArray()
}

function hashOf(script: string): string {
  return `'sha256-${hash('sha256', script, 'base64')}'`
}
