import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Markdown } from './markdown.tsx'

const shown = (text: string) => renderToStaticMarkup(<Markdown text={text} />)

test('headings, emphasis, code, lists, tables, quotes and links are shown as they are meant', () => {
  const html = shown(
    [
      '# Why',
      '**bold** and *slanted*, ~~not~~ `a < b`',
      '- tried',
      '- one',
      '',
      '3. third',
      '',
      '> said',
      '',
      '| lr | loss |',
      '|---|---|',
      '| 1e-5 | **0.3** |',
      '',
      '```python',
      'if a < b: pass',
      '```',
      '[the sweep](/sweeps/3), https://a.example/x',
    ].join('\n'),
  )
  for (const piece of [
    '<h4>Why</h4>',
    '<strong>bold</strong> and <em>slanted</em>',
    '<del>not</del> <code>a &lt; b</code>',
    '<ul><li>tried</li><li>one</li></ul>',
    '<ol start="3">',
    '<blockquote><p>said</p></blockquote>',
    '<th>lr</th>',
    '<td><strong>0.3</strong></td>',
    '<pre><code>if a &lt; b: pass</code></pre>',
    'href="/sweeps/3"',
    'href="https://a.example/x"',
  ])
    expect(html).toContain(piece)
})

test.each([
  '<script>alert(1)</script>',
  'a <script>alert(1)</script> b',
  '<img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVa&#x73;cript:alert(1))',
  '[x](<java\tscript:alert(1)>)',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x][1]\n\n[1]: javascript:alert(1)',
  '<javascript:alert(1)>',
  '![x](https://evil.example/pixel.png)',
  '![x](javascript:alert(1))',
  '![x"onerror="alert(1)](y)',
  '```"><script>alert(1)</script>\nx\n```',
  '<iframe src="https://evil.example"></iframe>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<style>* { display: none }</style>',
  '| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |',
  '[x](https://a.example" onmouseover="alert(1))',
  '<!-- --><script>alert(1)</script>',
])('%j runs nothing, fetches nothing and hides nothing', (text) => {
  const html = shown(text)
  // what is left when everything that the renderer may make is taken away: no other element, no other attribute
  const known =
    /<\/?(?:h4|p|strong|em|del|code|pre|br|hr|ul|li|blockquote|table|thead|tbody|tr|th|td|div)(?: class="[\w -]*")?\/?>|<ol start="\d+">|<\/ol>|<a class="link" href="(?:https?:|mailto:|\/(?![/\\])|#)[^"<>]*" rel="noopener noreferrer nofollow ugc">|<\/a>/g
  expect(html.replaceAll(known, '')).not.toMatch(/[<>]/)
})

test('a text that is made to be slow is read at once', () => {
  const longest = 20_000
  const slow = [
    '*a '.repeat(longest / 3),
    '`a'.repeat(longest / 2),
    '>'.repeat(longest),
    '1. '.repeat(longest / 3),
    '> - '.repeat(longest / 4),
    '['.repeat(longest),
    `${'|a'.repeat(longest / 8)}\n${'|-'.repeat(longest / 8)}\n${'|a\n'.repeat(longest / 6)}`,
  ]
  for (const text of slow) {
    const before = performance.now()
    expect(shown(text.slice(0, longest))).not.toBe('')
    expect(performance.now() - before, text.slice(0, 10)).toBeLessThan(2000)
  }
})
