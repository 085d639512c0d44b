-- Who may do what: organisations, their people, teams and projects, roles, keys. Rows that people can see have a version
-- (their ETag) and are deleted by a date, so that old events, audit entries and numbers still find their names.

CREATE TABLE ecomind.organisations
(
  id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.:-]{1,64}$'),
  name text NOT NULL,
  timezone text NOT NULL,
  -- Days that raw events are kept.
  retention_days integer NOT NULL CHECK (retention_days >= 1),
  -- The installation's first organisation: its admin keys may create others.
  is_first boolean NOT NULL DEFAULT false,
  -- pseudonyms, people_min, audit_retention_days, events_per_day_max, sso_required ...: shape in organisation-settings.ts.
  settings jsonb NOT NULL DEFAULT '{}',
  -- 128 random bits as two numbers: the key that makes pseudonyms of user ids.
  pseudonym_key_0 text NOT NULL,
  pseudonym_key_1 text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz
);
CREATE UNIQUE INDEX organisations_one_first ON ecomind.organisations (is_first) WHERE is_first;

CREATE TABLE ecomind.users
(
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  id text NOT NULL,
  -- Lower case; how a person signs in and how an identity provider names them.
  email text NOT NULL,
  name text NOT NULL,
  -- As a SCIM client sent them; null: it never did. `user_name` null: the e-mail.
  user_name text,
  given_name text,
  family_name text,
  -- `user_id` of this person's events, where it is known: what "their own" numbers are.
  usage_user_id text,
  external_id text,
  active boolean NOT NULL DEFAULT true,
  -- manual, scim, oidc, saml or init.
  source text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX users_one_email ON ecomind.users (org_id, email) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_one_user_name ON ecomind.users (org_id, lower(coalesce(user_name, email)))
  WHERE deleted_at IS NULL;
CREATE INDEX users_by_external_id ON ecomind.users (org_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX users_by_email ON ecomind.users (email) WHERE deleted_at IS NULL;

CREATE TABLE ecomind.teams
(
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  -- `team_id` of events.
  id text NOT NULL,
  name text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE ecomind.projects
(
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  -- `project_id` of events.
  id text NOT NULL,
  name text NOT NULL,
  team_id text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (org_id, id)
);

-- Groups of an identity provider (SCIM), and the role that their members have.
CREATE TABLE ecomind.groups
(
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  id text NOT NULL,
  name text NOT NULL,
  external_id text,
  -- Null: the group gives no role. Never owner: whoever fills the group could make owners.
  role text CHECK (role IN ('admin', 'analyst', 'viewer', 'auditor', 'billing')),
  scope_kind text NOT NULL DEFAULT 'organisation' CHECK (scope_kind IN ('organisation', 'team', 'project')),
  -- Empty for the organisation.
  scope_id text NOT NULL DEFAULT '',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX groups_one_name ON ecomind.groups (org_id, lower(name)) WHERE deleted_at IS NULL;

CREATE TABLE ecomind.group_members
(
  org_id text NOT NULL,
  group_id text NOT NULL,
  user_id text NOT NULL,
  PRIMARY KEY (org_id, group_id, user_id),
  FOREIGN KEY (org_id, group_id) REFERENCES ecomind.groups (org_id, id),
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.users (org_id, id)
);
CREATE INDEX group_members_by_user ON ecomind.group_members (org_id, user_id);

-- Roles that were given to a person by themselves; those of their groups come on top.
CREATE TABLE ecomind.memberships
(
  org_id text NOT NULL,
  user_id text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'analyst', 'viewer', 'auditor', 'billing')),
  scope_kind text NOT NULL CHECK (scope_kind IN ('organisation', 'team', 'project')),
  -- Empty for the organisation.
  scope_id text NOT NULL DEFAULT '',
  -- manual, init, or the identity provider whose group mapping gave it and may take it back.
  source text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, user_id, role, scope_kind, scope_id, source),
  FOREIGN KEY (org_id, user_id) REFERENCES ecomind.users (org_id, id)
);

CREATE TABLE ecomind.api_keys
(
  org_id text NOT NULL REFERENCES ecomind.organisations (id),
  id text NOT NULL,
  name text NOT NULL,
  -- Hex of HMAC-SHA256 under the pepper of secret key `pepper_id`.
  hash text NOT NULL UNIQUE,
  pepper_id text NOT NULL,
  -- Start and last four characters, to recognise a key by.
  hint text NOT NULL,
  -- Array of ingest, read, admin.
  scopes jsonb NOT NULL,
  rate_per_second integer CHECK (rate_per_second >= 1),
  events_per_day_max bigint CHECK (events_per_day_max >= 1),
  -- The key that this one replaces; that one goes on until its own `expires_at`.
  replaces text,
  expires_at timestamptz,
  last_used_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (org_id, id)
);

-- One number that grows with every change that an edge must learn of: keys, limits, organisations that go.
CREATE TABLE ecomind.key_revision
(
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision bigint NOT NULL
);
INSERT INTO ecomind.key_revision (revision) VALUES (1);

CREATE FUNCTION ecomind.count_key_change() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
  UPDATE ecomind.key_revision SET revision = revision + 1;
  RETURN NULL;
END
$$;
CREATE TRIGGER count_key_change AFTER INSERT OR DELETE ON ecomind.api_keys
  FOR EACH STATEMENT EXECUTE FUNCTION ecomind.count_key_change();
CREATE TRIGGER count_key_update AFTER UPDATE OF hash, scopes, rate_per_second, events_per_day_max, expires_at, revoked_at
  ON ecomind.api_keys FOR EACH STATEMENT EXECUTE FUNCTION ecomind.count_key_change();
CREATE TRIGGER count_org_update AFTER UPDATE OF settings, deleted_at ON ecomind.organisations
  FOR EACH STATEMENT EXECUTE FUNCTION ecomind.count_key_change();

-- Answers of POST requests that carried an idempotency key, for a day.
CREATE TABLE ecomind.idempotency_keys
(
  org_id text NOT NULL,
  -- Who asked: another actor's key of the same name is another key.
  actor text NOT NULL,
  key text NOT NULL,
  route text NOT NULL,
  request_hash text NOT NULL,
  -- Sealed: an answer may hold a secret that is shown once.
  answer text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, actor, key)
);
CREATE INDEX idempotency_keys_by_age ON ecomind.idempotency_keys (created_at);
