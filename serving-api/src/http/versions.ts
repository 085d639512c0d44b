/** Versions of things as ETags, so that two people who change one thing do not undo each other's change unseen. */
import type { Request, Response } from 'express'
import { ApiError } from './api-error.ts'

export function sendVersion(res: Response, version: number): void {
  res.setHeader('ETag', `"${version}"`)
}

/** Without If-Match the change is taken as it is. @throws ApiError precondition_failed */
export function checkIfMatch(req: Request, version: number): void {
  const asked = req.headers['if-match']
  if (asked === undefined || asked.trim() === '*') return
  // SCIM clients know weak tags only; a version says the same either way.
  const tags = asked.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (!tags.includes(`"${version}"`))
    throw new ApiError('precondition_failed', `It was changed meanwhile: its version is "${version}"`, {
      field: 'If-Match',
    })
}
