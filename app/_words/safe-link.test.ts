import { expect, test } from 'vitest'
import { safeLink } from './safe-link.ts'

test.each(['https://a.example/x?y=1#z', 'http://127.0.0.1:3000/', 'mailto:a@b.example', '/sweeps/3', '#curves'])(
  '%s is a place that a note may lead to',
  (href) => {
    expect(safeLink(href)).toBe(href)
  },
)

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:x',
  '//evil.example/x',
  '/\\evil.example',
  '/\n/evil.example',
  '\\\\evil.example',
  'x',
  '',
])('%j is none', (href) => {
  expect(safeLink(href)).toBeNull()
})
