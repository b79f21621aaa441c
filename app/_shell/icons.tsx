/** Small drawings in the colour of the text around them. Decorative unless they are given a label. */

export function BrandIcon() {
  const opacities = [0.25, 0.45, 0.7, 0.45, 0.7, 0.45, 0.7, null, 0.25]
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
      {opacities.map((opacity, index) => (
        <rect
          key={index}
          x={1 + 5.7 * (index % 3)}
          y={1 + 5.7 * Math.floor(index / 3)}
          width="4.6"
          height="4.6"
          rx="1"
          fill={opacity === null ? 'var(--accent)' : 'currentColor'}
          opacity={opacity ?? 1}
        />
      ))}
    </svg>
  )
}

/** What went wrong. */
export function TriangleIcon() {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      <path d="M7 1.6 13 12.2H1Z" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
      <path d="M7 5.6v3.1M7 10.2v.6" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </svg>
  )
}

/** The best point. */
export function StarIcon({ label, className }: { label?: string; className?: string }) {
  return (
    <svg className={className} width="12" height="12" viewBox="0 0 12 12" {...named(label)}>
      <path d="M6 .8 7.6 4.2l3.7.5-2.7 2.6.7 3.7L6 9.2 2.7 11l.7-3.7L.7 4.7l3.7-.5Z" fill="currentColor" />
    </svg>
  )
}

/** A diamond: on the Pareto front. */
export function FrontIcon({ label, className }: { label?: string; className?: string }) {
  return (
    <svg className={className} width="12" height="12" viewBox="0 0 12 12" {...named(label)}>
      <path d="M6 1 11 6 6 11 1 6Z" fill="none" stroke="currentColor" strokeWidth="1.6" />
    </svg>
  )
}

/** A ring with a bar across: breaks a constraint. */
export function BrokenIcon({ label, className }: { label?: string; className?: string }) {
  return (
    <svg className={className} width="12" height="12" viewBox="0 0 12 12" {...named(label)}>
      <path
        d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM3 9 9 3"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
      />
    </svg>
  )
}

/** A double wave: cannot be told from the best. */
export function TiedIcon({ label, className }: { label?: string; className?: string }) {
  const wave = 'c1.6-1.6 3-1.2 4.5-.3s2.9 1.1 4.5-.3'
  return (
    <svg className={className} width="12" height="12" viewBox="0 0 12 12" {...named(label)}>
      <path
        d={`M1.5 4.6${wave}M1.5 8.4${wave}`}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
      />
    </svg>
  )
}

export function BinIcon() {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      <path
        d="M2 3.5h10M5.2 3.5V2h3.6v1.5M3.2 3.5l.6 8.5h6.4l.6-8.5M5.8 6v3.6M8.2 6v3.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

export function CaretIcon() {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      <path d="M2 3.5 5 6.5 8 3.5" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
    </svg>
  )
}

function named(label: string | undefined) {
  return label === undefined ? ({ 'aria-hidden': true } as const) : ({ role: 'img', 'aria-label': label } as const)
}

/** What is kept at the front. */
export function PinIcon() {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      <path
        d="M5 1.75h4M5.6 1.75v3.6L3.75 7.6v.9h6.5v-.9L8.4 5.35v-3.6M7 8.5v3.75"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
