import { defineConfig } from 'drizzle-kit'

/** `npx drizzle-kit generate` writes the next migration from the tables in db/schema; the server applies them when it starts. */
export default defineConfig({ dialect: 'sqlite', schema: './db/schema', out: './db/migrations' })
