/**
 * Next builds the pages only; server/main.ts serves them beside the API.
 * @type {import('next').NextConfig}
 */
const config = {
  // so that two people (or a test and a person) can build side by side
  distDir: process.env.NEXT_DIST_DIR || '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run check` runs tsc once over everything
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
}

export default config
