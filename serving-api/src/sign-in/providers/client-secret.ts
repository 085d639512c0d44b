/** Purpose under which client secrets are sealed. */
export const CLIENT_SECRET = 'oidc-client-secret'
