'use client'
import NextLink from 'next/link'
import { type ComponentProps, useEffect, useState } from 'react'

const millisecondsToRest = 500

/**
 * A link within the product. What it leads to is fetched once somebody points at it, not when it comes into sight: a page shows
 * dozens of them, and the server draws what is looked at now first. `likely`: one that many follow, whose page is there once this
 * one has come to rest.
 */
export function Link({ likely = false, ...props }: ComponentProps<typeof NextLink> & { likely?: boolean }) {
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (!likely) return
    const timer = setTimeout(() => setNear(true), millisecondsToRest)
    return () => clearTimeout(timer)
  }, [likely])
  const approach = () => setNear(true)
  return <NextLink onPointerEnter={approach} onFocus={approach} {...props} prefetch={near ? likely || null : false} />
}
