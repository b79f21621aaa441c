import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Footer } from './_shell/footer.tsx'
import { themeScript } from './_shell/theme.ts'
import { TopBar } from './_shell/top-bar.tsx'
import { Providers } from './providers.tsx'
import './globals.css'
import './_shell/frame.css'
import './_shell/controls.css'
import './_tables/data.css'
import './_charts/heat.css'
import './_shell/messages.css'

export const metadata: Metadata = {
  title: { default: 'Sweepboard', template: '%s · Sweepboard' },
  description: 'Hyperparameter sweeps for people who post-train language models',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#101114' },
  ],
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // the script below sets data-theme before React sees the element
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        <Providers>
          <a className="skip" href="#main">
            Skip to the page
          </a>
          <TopBar />
          <main id="main" tabIndex={-1}>
            {children}
          </main>
          <Footer />
        </Providers>
      </body>
    </html>
  )
}
