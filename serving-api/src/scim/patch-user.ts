/** A person's resource after a PATCH, by the library that knows its paths. */
import { ScimError, type ScimResource, scimPatch } from 'scim-patch'
import { ScimFault } from './messages.ts'
import type { PatchOperation } from './patch-body.ts'

/** @throws ScimFault noTarget, invalidPath */
export function patchedResource(resource: object, operations: readonly PatchOperation[]): unknown {
  try {
    return scimPatch(
      { ...resource } as unknown as ScimResource,
      operations.map(({ op, path, value }) => ({ op, ...(path === null ? {} : { path }), value })) as Parameters<
        typeof scimPatch
      >[1],
      { mutateDocument: false, treatMissingAsAdd: true },
    )
  } catch (cause) {
    const isNoTarget = cause instanceof ScimError && cause.scimCode === 'noTarget'
    const message = cause instanceof ScimError ? cause.message : 'path: it can not be read'
    throw new ScimFault(isNoTarget ? 'noTarget' : 'invalidPath', message, { field: 'Operations', cause })
  }
}
