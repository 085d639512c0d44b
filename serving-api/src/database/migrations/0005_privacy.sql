-- Erasures of persons. While one is under way its row knows whom it is about; once it is done only the salted hash stays,
-- which someone who knows the id can check, and nothing that leads from the person to the id their rows got.
CREATE TABLE ecomind.erasures
(
  org_id text NOT NULL,
  id text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('pseudonymise', 'delete')),
  state text NOT NULL CHECK (state IN ('waiting', 'moving', 'done')),
  -- Null once it is done.
  user_id text,
  -- Id that the rows get, empty for nobody's, and the mark of this erasure in ClickHouse; null once it is done.
  target text,
  mark text,
  salt text NOT NULL,
  -- Hex of SHA-256 over salt and user id.
  user_hash text NOT NULL,
  requested_by text NOT NULL,
  request_id text NOT NULL,
  requested_at timestamptz NOT NULL,
  -- Generation of the log and its end by partition when it was asked for: what lies before is loaded before the end.
  log_ends jsonb NOT NULL,
  -- Rows by table when it was asked for.
  found jsonb NOT NULL,
  -- Why the last try ended; null: it goes on or is done.
  error text,
  certificate jsonb,
  finished_at timestamptz,
  PRIMARY KEY (org_id, id),
  CHECK ((state = 'done') = (user_id IS NULL)),
  CHECK ((state = 'done') = (target IS NULL)),
  CHECK ((state = 'done') = (mark IS NULL)),
  CHECK ((state = 'done') = (certificate IS NOT NULL)),
  CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX erasures_one_open ON ecomind.erasures (org_id, user_id) WHERE state <> 'done';
