/** The browser of the tests and of the documentation's pictures. */
import { chromium, type Browser } from 'playwright-core'
import { findChromium } from '../../scripts/chromium.mjs'

/** Without the later ones Chromium asks the network for updates and hosts of its own at every start. */
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // /dev/shm is small in containers
  '--disable-dev-shm-usage',
]
/** A headless Chromium with an empty profile. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath)
    throw new Error('No Chromium was found: npm test installs one, or set CHROMIUM to the path of one.')
  return chromium.launch({ executablePath, headless: true, args: chromiumFlags })
}
