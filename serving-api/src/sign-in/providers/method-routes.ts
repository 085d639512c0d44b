/** What the sign-in page offers: by the domain of an e-mail, never by the person. */
import { z } from 'zod'
import { askerRoute, type Route } from '../../http/route.ts'
import { READ_ERRORS, SIGN_IN_TAG } from '../auth-route.ts'
import { domainOfEmail } from '../domains/domain-rules.ts'
import { emailField } from '../shapes.ts'
import { providersOfDomain } from './provider-store.ts'

const methodsRoute = askerRoute({
  permission: 'public',
  method: 'get',
  path: '/v1/auth/methods',
  tag: SIGN_IN_TAG,
  summary: 'Ways to sign in',
  description:
    'With an e-mail, also the identity providers of the organisation whose domain it is. The answer is the same for every name at the domain, whether the person exists or not. `none` in local mode, which asks nobody.',
  query: z.strictObject({ email: emailField.optional().describe('only its domain is looked at') }),
  answer: z.object({
    sign_in: z.enum(['required', 'none']),
    password: z.boolean(),
    passkey: z.boolean(),
    sso_required: z.boolean().describe('people of this domain sign in by a provider; break-glass accounts still can'),
    providers: z.array(z.object({ id: z.string(), kind: z.string(), name: z.string(), start_url: z.string() })),
  }),
  errors: [...READ_ERRORS],
  handle: async ({ control: { signIn } }, _asker, { query }) => {
    if (signIn === null) return { sign_in: 'none', password: false, passkey: false, sso_required: false, providers: [] }
    const domain = query.email === undefined ? null : domainOfEmail(query.email)
    const found = await signIn.keep(async (queries) => {
      if (domain === null) return { providers: [], required: false }
      const required = await queries.query(
        `SELECT FROM ecomind.domains d JOIN ecomind.organisations o ON o.id = d.org_id
         WHERE d.name = $1 AND d.verified_at IS NOT NULL AND d.sso_required AND o.deleted_at IS NULL`,
        [domain],
      )
      return { providers: await providersOfDomain(queries, domain), required: required.length > 0 }
    })
    const providers = found.providers.map(({ id, name, settings: { kind } }) => ({
      id,
      kind,
      name,
      start_url: `/v1/auth/${kind}/${id}/start`,
    }))
    return { sign_in: 'required', password: true, passkey: true, sso_required: found.required, providers }
  },
})

export const methodRoutes: readonly Route[] = [methodsRoute]
