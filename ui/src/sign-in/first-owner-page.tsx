/** The one-time page of a new installation: makes its first organisation and the person who owns it. */
import { createSignal } from 'solid-js'
import { send } from '../api/send.ts'
import { browserZone } from '../time/zone.ts'
import { Field, type FieldProps } from './field.tsx'
import { Frame } from './frame.tsx'
import { LinkForm } from './link-form.tsx'
import { takeLinkToken } from './link-token.ts'
import { PASSWORD_HINT } from './password-hint.ts'

type Name = 'org_name' | 'org_id' | 'name' | 'email' | 'password'

/** A first guess of an organisation's id by its name: `Müller & Söhne AG` becomes `muller-sohne-ag`. */
export function idOfName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
}

const FIELDS: readonly (Pick<FieldProps, 'label' | 'autocomplete' | 'type' | 'hint' | 'maxLength'> & { name: Name })[] =
  [
    { name: 'org_name', label: 'Name of the organisation', autocomplete: 'organization' },
    {
      name: 'org_id',
      label: 'Its id',
      autocomplete: 'off',
      maxLength: 64,
      hint: 'Stands in events and addresses and never changes: letters, digits and _ . : -',
    },
    { name: 'name', label: 'Your name', autocomplete: 'name' },
    { name: 'email', label: 'Your e-mail', type: 'email', autocomplete: 'username' },
    { name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT },
  ]

export function FirstOwnerPage() {
  const token = takeLinkToken()
  const [typed, setTyped] = createSignal<Partial<Record<Name, string>>>({})
  const value = (name: Name) => typed()[name] ?? (name === 'org_id' ? idOfName(typed().org_name ?? '') : '')
  const create = async () => {
    const entries = FIELDS.map(({ name }) => [name, value(name)] as const)
    const body = { token, timezone: browserZone(), ...Object.fromEntries(entries) }
    await send({ method: 'POST', path: '/v1/auth/first-owner', body })
    location.replace('/')
  }
  return (
    <Frame heading="Create the owner">
      <p class="mt-2">
        Nobody can sign in yet. You become the owner of the first organisation, with every right; you can invite others
        and connect an identity provider afterwards.
      </p>
      <LinkForm token={token} action="Create and sign in" onSubmit={create}>
        {(faultOf) =>
          FIELDS.map((field, index) => (
            <Field
              {...field}
              first={index === 0}
              value={value(field.name)}
              onInput={(text) => setTyped({ ...typed(), [field.name]: text })}
              fault={faultOf(field.name)}
            />
          ))
        }
      </LinkForm>
    </Frame>
  )
}
