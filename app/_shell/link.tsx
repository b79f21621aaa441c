'use client'
import NextLink from 'next/link'
import { type ComponentProps, useState } from 'react'

/**
 * A link within the product. What it leads to is fetched once somebody points at it, not when it comes into sight: a page shows
 * dozens of them, and the server draws what is looked at now first.
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  const [near, setNear] = useState(false)
  const approach = () => setNear(true)
  return <NextLink onPointerEnter={approach} onFocus={approach} {...props} prefetch={near ? null : false} />
}
