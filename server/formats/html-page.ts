/**
 * One HTML file that stands alone: opened from a disk it asks nobody for anything and runs nothing. Whatever people named is text in it.
 */

/** Text made safe, as `html` gives it. */
export type Html = { html: string }

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
// HTML has no place for these
const noPlace = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g

export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(noPlace, '�')
    .replaceAll(/[&<>"']/g, (one) => entities[one]!)
}

/** A template whose values are escaped, but for those that are `Html`; lists come one after the other, null and false as nothing. */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  const written = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(written).join('')
    if (value === null || value === undefined || value === false) return ''
    if (typeof value === 'object' && 'html' in value) return (value as Html).html
    return escapeHtml(String(value))
  }
  return { html: parts.map((part, at) => part + (at < values.length ? written(values[at]) : '')).join('') }
}

/** A cell: text, or a number as it is to be read, right-aligned. */
export type HtmlCell = string | Html | { number: string }

export function htmlTable(head: HtmlCell[], rows: HtmlCell[][]): Html {
  const cell = (tag: string) => (value: HtmlCell) => {
    const isNumber = typeof value === 'object' && 'number' in value
    const inner = isNumber ? value.number : value
    return html`${{ html: `<${tag}${isNumber ? ' class="num"' : ''}>` }}${inner}${{ html: `</${tag}>` }}`
  }
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${head.map(cell('th'))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell('td'))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

const style = `:root{color-scheme:light dark;--bg:light-dark(#fff,#16161a);--ink:light-dark(#1c1b22,#eceef1);--quiet:light-dark(#5f5d68,#a5a4ae);--line:light-dark(#dddce2,#33333b);--accent:light-dark(#3a58c9,#8fa8ff)}
*{box-sizing:border-box}body{margin:0 auto;max-width:1120px;padding:32px 24px 64px;background:var(--bg);color:var(--ink);font:14px/21px system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1{font-size:22px;line-height:30px;margin:0 0 4px}h2{font-size:15px;margin:32px 0 8px}p{margin:4px 0;max-width:90ch}.quiet,footer{color:var(--quiet)}footer{margin-top:40px;border-top:1px solid var(--line);padding-top:8px}
.wide{overflow-x:auto}table{border-collapse:collapse}th,td{padding:4px 16px 4px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:break-word;max-width:48ch}th{color:var(--quiet);font-weight:500}.num{text-align:right;white-space:nowrap}
pre{overflow-x:auto;padding:12px;border:1px solid var(--line);border-radius:6px;font-size:12px;line-height:18px}img,svg{max-width:100%;height:auto;display:block}svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .quiet{fill:var(--quiet)}.axis{stroke:var(--line)}.whisker{stroke:var(--quiet);stroke-width:1.5}.dot{fill:var(--accent)}.paper{background:#fff;padding:8px;border-radius:6px}
@media print{th,td{overflow-wrap:anywhere}:root{color-scheme:light}body{max-width:none;padding:0;font-size:11px;line-height:16px}.wide,pre{overflow:visible}pre{white-space:pre-wrap}tr,svg{break-inside:avoid}h2{break-after:avoid}}`

/**
 * The whole file. `data`: what the figures are of, for programs, in `<script type="application/json" id="data">`.
 * `made`: milliseconds since 1970.
 */
export function htmlPage({
  title,
  body,
  data,
  made,
}: {
  title: string
  body: Html[]
  data: unknown
  made: number
}): string {
  // what ends a script, or begins a comment, in no text of the data
  const json = JSON.stringify(data).replaceAll('<', String.raw`\u003c`)
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${{ html: style }}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
        <footer>
          Made by Sweepboard on ${new Date(made).toISOString().slice(0, 16).replace('T', ' ')} UTC. The figures as data:
          <code>#data</code> in this file.
        </footer>
        <script type="application/json" id="data">
          ${{ html: json }}
        </script>
      </body>
    </html> `.html
}

export type IntervalMark = { name: string; value: number; interval: [number, number] | null }

/** Values with their intervals, one under the other on one axis, with a line at `at` where that is given. */
export function scoresAsSvg(marks: readonly IntervalMark[], { at, label }: { at: number | null; label: string }): Html {
  if (marks.length === 0) return html``
  const ends = [...marks.flatMap(({ value, interval }) => [value, ...(interval ?? [])]), ...(at === null ? [] : [at])]
  const [low, high] = [Math.min(...ends), Math.max(...ends)]
  const air = 0.05 * (high - low) || 0.5
  const [left, right, row] = [300, 1000, 20]
  const x = (value: number) => (left + ((right - left) * (value - low + air)) / (high - low + 2 * air)).toFixed(1)
  const height = marks.length * row + 34
  const foot = marks.length * row + 6
  const cut = (name: string) => (name.length > 38 ? `${name.slice(0, 37).toWellFormed()}…` : name)
  return html`<svg viewBox="0 0 1060 ${height}" role="img" aria-label="${label}">
    <line class="axis" x1="${left}" x2="${right}" y1="${foot}" y2="${foot}" />
    ${
      at === null
        ? null
        : html`<line class="axis" stroke-dasharray="3 3" x1="${x(at)}" x2="${x(at)}" y1="0" y2="${foot}" />`
    }
    <text class="quiet" x="${left}" y="${foot + 18}">${low.toFixed(3)}</text>
    <text class="quiet" text-anchor="end" x="${right}" y="${foot + 18}">${high.toFixed(3)}</text>
    ${marks.map(({ name, value, interval }, place) => {
      const y = place * row + 10
      return html`<text text-anchor="end" x="${left - 12}" y="${y + 4}">${cut(name)}</text>${
          interval && html`<line class="whisker" x1="${x(interval[0])}" x2="${x(interval[1])}" y1="${y}" y2="${y}" />`
        }<circle class="dot" cx="${x(value)}" cy="${y}" r="4"><title>${name}: ${value.toFixed(3)}</title></circle
        ><text x="${right + 8}" y="${y + 4}">${value.toFixed(3)}</text>`
    })}
  </svg>`
}
