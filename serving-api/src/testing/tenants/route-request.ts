/** A request to a route, taken apart into what it names, and the names that the route knows. */
import type { z } from 'zod'
import type { Route } from '../../http/route.ts'

export type Value = string | readonly string[]

export interface RouteRequest {
  readonly method: string
  readonly path: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, Value>>
  /** Null: none. A text is sent as it is, all else as JSON. */
  readonly body: Readonly<Record<string, unknown>> | string | null
  readonly headers: Readonly<Record<string, string>>
}

export const keyOf = (route: Pick<Route, 'method' | 'path'>): string => `${route.method.toUpperCase()} ${route.path}`
export const namesOf = (shape: z.ZodObject): readonly string[] => Object.keys(shape.shape)
export const pathNamesOf = (route: Pick<Route, 'path'>): readonly string[] =>
  (route.path.match(/:\w+/g) ?? []).map((name) => name.slice(1))

/** The period that every request asks about. */
export const FROM = '2026-09-29'
export const TO = '2026-10-03'
