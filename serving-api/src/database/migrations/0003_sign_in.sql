-- How people and services sign in. Secrets that must be read again are sealed with the key ring; those that are only
-- compared are stored as hashes.

-- A browser. The token in its cookie is replaced at each sign-in; only its SHA-256 is here.
CREATE TABLE ecomind.sessions
(
  id text PRIMARY KEY,
  token_hash text NOT NULL UNIQUE,
  user_agent text NOT NULL,
  ip text NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_last_seen ON ecomind.sessions (last_seen_at);

-- Who is signed in there: one person for each organisation, each by a sign-in of their own.
CREATE TABLE ecomind.session_sign_ins
(
  session_id text NOT NULL REFERENCES ecomind.sessions (id) ON DELETE CASCADE,
  org_id text NOT NULL,
  user_id text NOT NULL,
  -- password, passkey, or the identity provider's id.
  method text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (session_id, org_id),
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.users (org_id, id)
);
CREATE INDEX session_sign_ins_by_user ON ecomind.session_sign_ins (org_id, user_id);

CREATE TABLE ecomind.local_accounts
(
  org_id text NOT NULL,
  user_id text NOT NULL,
  -- argon2id; null: no password, only passkeys.
  password_hash text,
  -- May sign in locally although the domain of its e-mail requires the identity provider.
  break_glass boolean NOT NULL DEFAULT false,
  totp_secret_sealed text,
  totp_confirmed_at timestamptz,
  -- The newest 30-second step whose code was used; a code counts once.
  totp_last_step bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, user_id),
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.users (org_id, id)
);

CREATE TABLE ecomind.recovery_codes
(
  org_id text NOT NULL,
  user_id text NOT NULL,
  code_hash text NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (org_id, user_id, code_hash),
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.local_accounts (org_id, user_id)
);

CREATE TABLE ecomind.passkeys
(
  -- base64url, as the authenticator gave it.
  credential_id text PRIMARY KEY,
  org_id text NOT NULL,
  user_id text NOT NULL,
  name text NOT NULL,
  -- base64url of the COSE key.
  public_key text NOT NULL,
  counter bigint NOT NULL,
  -- {"list": [...]}
  transports jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.users (org_id, id)
);
CREATE INDEX passkeys_by_user ON ecomind.passkeys (org_id, user_id);

-- Links that work once: invitation, password reset, first owner.
CREATE TABLE ecomind.sign_in_links
(
  token_hash text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('invitation', 'reset', 'first_owner')),
  -- Null for the first owner, who makes both.
  org_id text,
  user_id text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.users (org_id, id),
  CHECK ((kind = 'first_owner') = (user_id IS NULL))
);

-- Failed sign-ins by account and by address; subjects are hashed, because unknown accounts count as well.
CREATE TABLE ecomind.sign_in_attempts
(
  subject_hash text PRIMARY KEY,
  failures double precision NOT NULL,
  counted_at timestamptz NOT NULL,
  locked_until timestamptz NOT NULL
);
CREATE INDEX sign_in_attempts_by_time ON ecomind.sign_in_attempts (counted_at);

-- E-mail domains that an organisation has shown to be its own. A name is verified by one organisation at most.
CREATE TABLE ecomind.domains
(
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  name text NOT NULL,
  -- What a DNS TXT record of the domain must hold.
  challenge text NOT NULL,
  verified_at timestamptz,
  sso_required boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, name),
  CHECK (verified_at IS NOT NULL OR NOT sso_required)
);
CREATE UNIQUE INDEX domains_one_owner ON ecomind.domains (name) WHERE verified_at IS NOT NULL;

CREATE TABLE ecomind.identity_providers
(
  -- In addresses without the organisation, so unique over all.
  id text PRIMARY KEY,
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  kind text NOT NULL CHECK (kind IN ('oidc', 'saml')),
  name text NOT NULL,
  -- Shape in provider-settings.ts.
  settings jsonb NOT NULL,
  client_secret_sealed text,
  enabled boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz
);
CREATE INDEX identity_providers_by_org ON ecomind.identity_providers (org_id) WHERE deleted_at IS NULL;

-- Whom a provider means by a subject. Once linked, a person is known by it and not by their e-mail.
CREATE TABLE ecomind.user_identities
(
  provider_id text NOT NULL REFERENCES ecomind.identity_providers (id),
  subject text NOT NULL,
  org_id text NOT NULL,
  user_id text NOT NULL,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (provider_id, subject),
  UNIQUE (provider_id, org_id, user_id),
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.users (org_id, id)
);

-- A sign-in or registration that has begun and goes on in the same browser; each is taken once.
CREATE TABLE ecomind.sign_in_flows
(
  -- Of the state, challenge or request id.
  key_hash text PRIMARY KEY,
  kind text NOT NULL,
  -- Of the cookie of the browser that began it.
  browser_hash text NOT NULL,
  provider_id text REFERENCES ecomind.identity_providers (id),
  -- Sealed JSON: PKCE verifier, nonce, where to go afterwards.
  data_sealed text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_flows_by_expiry ON ecomind.sign_in_flows (expires_at);

-- SAML assertions that were accepted, until they expire.
CREATE TABLE ecomind.used_assertions
(
  provider_id text NOT NULL REFERENCES ecomind.identity_providers (id),
  assertion_id text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (provider_id, assertion_id)
);
CREATE INDEX used_assertions_by_expiry ON ecomind.used_assertions (expires_at);

-- Whose signed tokens services may use as bearer tokens.
CREATE TABLE ecomind.token_issuers
(
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  id text NOT NULL,
  issuer text NOT NULL,
  -- Ends in the organisation's id, so that a token means one organisation only.
  audience text NOT NULL,
  jwks_uri text NOT NULL,
  -- Shape in token-issuer.ts: name, algorithms, rules.
  settings jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX token_issuers_one_audience ON ecomind.token_issuers (issuer, audience) WHERE deleted_at IS NULL;
