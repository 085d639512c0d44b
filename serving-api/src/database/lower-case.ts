/**
 * A text without its case, as SQL: the same in every control store. Left to the database, `lower` follows its locale: on
 * a server of locale C it knows A to Z only, on a Turkish one I is no i.
 */

/** For `=`, `strpos` and the like, with both sides made so. Migration 0006 has indexes on it, word for word. */
export const lowerCaseSql = (sql: string): string => `(lower(${sql} COLLATE "und-x-icu") COLLATE "C")`
