/** Reads the comparisons that ship with the product. */
import { readFileSync } from 'node:fs'
import { type Equivalent, parseEquivalents } from './equivalents.ts'

const FILE = new URL('../data/equivalents/everyday.yaml', import.meta.url)

export const loadEquivalents = (): Equivalent[] => parseEquivalents(readFileSync(FILE, 'utf8'))
