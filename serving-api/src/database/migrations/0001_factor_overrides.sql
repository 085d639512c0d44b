-- Factors that an organisation states itself, and the audit trail. Both only grow: an override that is changed or
-- deleted gets a new version, so every number can be traced to the version it was computed with.

CREATE TABLE ecomind.factor_override_counters
(
  -- Empty: the installation, whose counter numbers the changes of all organisations.
  org_id text PRIMARY KEY,
  revision bigint NOT NULL
);

CREATE TABLE ecomind.factor_override_versions
(
  org_id text NOT NULL CHECK (org_id <> ''),
  id text NOT NULL,
  -- 1, 2, 3 ... of one override.
  version integer NOT NULL CHECK (version >= 1),
  -- Order of all changes of the organisation, and of the installation; both without gaps.
  org_revision bigint NOT NULL CHECK (org_revision >= 1),
  revision bigint NOT NULL UNIQUE CHECK (revision >= 1),
  -- Provider, model, energy, site, validity and evidence, as the API checked and answers them.
  override jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  -- Set: this version takes the override back.
  deleted_at timestamptz,
  PRIMARY KEY (org_id, id, version),
  UNIQUE (org_id, org_revision)
);

CREATE TABLE ecomind.audit_entries
(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  resource_type text NOT NULL,
  resource_id text NOT NULL,
  request_id text NOT NULL,
  before jsonb,
  after jsonb
);
CREATE INDEX audit_entries_by_org ON ecomind.audit_entries (org_id, id);

CREATE FUNCTION ecomind.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
  RAISE EXCEPTION '% only grows: rows are neither changed nor deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ecomind.factor_override_versions
  FOR EACH STATEMENT EXECUTE FUNCTION ecomind.refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ecomind.audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ecomind.refuse_change();
