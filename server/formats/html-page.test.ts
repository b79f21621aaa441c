import { expect, test } from 'vitest'
import { escapeHtml, html, htmlPage, htmlTable, scoresAsSvg } from './html-page.ts'

const hostile = `</title></script><script>alert(1)</script>"' onload=x <!-- & \u0000\ud800`

test('what people named is text, wherever it stands', () => {
  const text = htmlPage({
    title: hostile,
    body: [
      htmlTable([hostile], [[hostile, { number: hostile }]]),
      scoresAsSvg([{ name: hostile, value: 1, interval: [0, 2] }], { at: 1, label: hostile }),
    ],
    data: { [hostile]: hostile },
    made: 0,
  })
  expect(text.match(/<script/g)).toHaveLength(1)
  expect(text.match(/<\/script>/g)).toHaveLength(1)
  expect(text.match(/<\/title>/g)).toHaveLength(2)
  expect(text).not.toContain('<!--')
  expect(text).not.toMatch(/\u0000|[\ud800-\udfff]/)
  const [, json] = /id="data">([^]*)<\/script>/.exec(text)!
  expect(JSON.parse(json!)).toEqual({ [hostile]: hostile })
})

test('values are escaped, lists follow one another, what is not there is nothing', () => {
  expect(html`<p>${['<', html`<b>${'&'}</b>`]}${null}${false}${undefined}${0}</p>`.html).toBe(
    '<p>&lt;<b>&amp;</b>0</p>',
  )
  expect(escapeHtml(`"'`)).toBe('&quot;&#39;')
})

test('a picture of one value, or of none, is no division by nothing', () => {
  expect(scoresAsSvg([], { at: 1, label: '' }).html).toBe('')
  expect(scoresAsSvg([{ name: 'a', value: 1, interval: null }], { at: 1, label: '' }).html).not.toContain('NaN')
})
