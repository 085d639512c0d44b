/** What the SCIM server can do, and what its resources are made of (RFC 7643, 5 to 7). */
import type { Route } from '../http/route.ts'
import { COUNT_MAX } from '../scim/list-resources.ts'
import { GROUP_SCHEMA, listOf, USER_SCHEMA } from '../scim/messages.ts'
import { scimDocumentRoute } from '../scim/scim-route.ts'

interface AttributeNote {
  readonly type?: 'string' | 'boolean' | 'complex' | 'reference'
  readonly multiValued?: boolean
  readonly required?: boolean
  readonly caseExact?: boolean
  readonly mutability?: 'readWrite' | 'readOnly' | 'immutable'
  readonly uniqueness?: 'none' | 'server'
  readonly subAttributes?: readonly object[]
}

const attribute = (name: string, description: string, note: AttributeNote = {}) => ({
  name,
  description,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...note,
})

const USER_PARTS = [
  attribute('userName', 'Name at the identity provider', { required: true, uniqueness: 'server' }),
  attribute('name', 'Name and its parts', {
    type: 'complex',
    subAttributes: [
      attribute('formatted', 'Whole name'),
      attribute('givenName', 'Given name'),
      attribute('familyName', 'Family name'),
    ],
  }),
  attribute('displayName', 'Name to show'),
  attribute('emails', 'One address, the primary one', {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'Address'),
      attribute('type', 'Always work'),
      attribute('primary', 'Always true', { type: 'boolean' }),
    ],
  }),
  attribute('active', 'False: no access', { type: 'boolean' }),
  attribute('groups', 'Groups of the person', {
    type: 'complex',
    multiValued: true,
    mutability: 'readOnly',
    subAttributes: [
      attribute('value', 'Id of the group', { mutability: 'readOnly', caseExact: true }),
      attribute('display', 'Name of the group', { mutability: 'readOnly' }),
    ],
  }),
]

const GROUP_PARTS = [
  attribute('displayName', 'Name of the group', { required: true, uniqueness: 'server' }),
  attribute('members', 'People of the group', {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'Id of the person', { mutability: 'immutable', caseExact: true }),
      attribute('display', 'Name of the person', { mutability: 'readOnly' }),
    ],
  }),
]

const meta = (base: string, resourceType: string, path: string) => ({
  meta: { resourceType, location: `${base}/scim/v2/${path}` },
})

const schemasOf = (base: string) =>
  [
    { id: USER_SCHEMA, name: 'User', description: 'A person', attributes: USER_PARTS },
    { id: GROUP_SCHEMA, name: 'Group', description: 'A group of people', attributes: GROUP_PARTS },
  ].map((schema) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ...schema,
    ...meta(base, 'Schema', `Schemas/${schema.id}`),
  }))

const typesOf = (base: string) =>
  [
    { id: 'User', name: 'User', endpoint: '/Users', description: 'A person', schema: USER_SCHEMA },
    { id: 'Group', name: 'Group', endpoint: '/Groups', description: 'A group of people', schema: GROUP_SCHEMA },
  ].map((type) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    ...type,
    ...meta(base, 'ResourceType', `ResourceTypes/${type.id}`),
  }))

const configOf = (base: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: COUNT_MAX },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'API key',
      description: 'An API key with the scope admin, as a bearer token',
      primary: true,
    },
  ],
  ...meta(base, 'ServiceProviderConfig', 'ServiceProviderConfig'),
})

export const scimDocumentRoutes: readonly Route[] = [
  scimDocumentRoute({
    path: '/ServiceProviderConfig',
    summary: 'What the SCIM server can do',
    description: 'RFC 7643, 5.',
    document: ({ base }) => configOf(base),
  }),
  scimDocumentRoute({
    path: '/ResourceTypes',
    summary: 'Kinds of SCIM resources',
    description: 'RFC 7643, 6.',
    document: ({ base }) => listOf(typesOf(base), 2, 1),
  }),
  scimDocumentRoute({
    path: '/Schemas',
    summary: 'What SCIM resources are made of',
    description: 'RFC 7643, 7.',
    document: ({ base }) => listOf(schemasOf(base), 2, 1),
  }),
]
