-- The audit trail as one chain per organisation: every entry carries the hash of the one before (docs/audit.md has the
-- exact form). Entries of before this version were made by local mode or by the product itself; they are chained at the
-- first start, by chain-earlier-entries.ts, because the form of the hash is not one that SQL can make.
ALTER TABLE ecomind.audit_entries
  -- What the actor was at that moment, such as `admin` or `viewer@team/ml`.
  ADD COLUMN role text NOT NULL DEFAULT '',
  -- Address of the client; null: a command of the operator, or the product itself.
  ADD COLUMN from_address text,
  ADD COLUMN outcome text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused')),
  -- 1, 2, 3 ... of one organisation, without gaps. Null: of before this version, not chained yet.
  ADD COLUMN seq bigint CHECK (seq >= 1),
  -- Lower-case hex of SHA-256; that of the first entry is 64 zeros.
  ADD COLUMN prev_hash text,
  ADD COLUMN hash text,
  -- What is hashed is what is kept: milliseconds.
  ALTER COLUMN at TYPE timestamptz(3);
CREATE UNIQUE INDEX audit_entries_chain ON ecomind.audit_entries (org_id, seq);
CREATE INDEX audit_entries_by_resource ON ecomind.audit_entries (org_id, resource_type, resource_id, seq);
CREATE INDEX audit_entries_unchained ON ecomind.audit_entries (id) WHERE seq IS NULL;

-- Where the chain of an organisation ends, and where what is kept of it begins.
CREATE TABLE ecomind.audit_heads
(
  org_id text PRIMARY KEY,
  seq bigint NOT NULL,
  hash text NOT NULL,
  -- Last entry that was removed because its time was over; 0: none was.
  cut_seq bigint NOT NULL DEFAULT 0,
  cut_hash text NOT NULL DEFAULT repeat('0', 64)
);

-- Heads that were signed: at least one per organisation and UTC day with entries.
CREATE TABLE ecomind.audit_checkpoints
(
  org_id text NOT NULL,
  seq bigint NOT NULL CHECK (seq >= 1),
  hash text NOT NULL,
  -- The UTC day whose last entry this is.
  day date NOT NULL,
  signed_at timestamptz(3) NOT NULL,
  -- Base64 of Ed25519 over the canonical JSON of the other columns.
  signature text NOT NULL,
  -- Secret key of the installation that the signing key was derived from.
  key_id text NOT NULL,
  PRIMARY KEY (org_id, seq)
);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ecomind.audit_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION ecomind.refuse_change();

-- The head of the chain, which nobody else moves until the transaction ends. An application without the right to change
-- heads gets to them by this function and by the trigger below, and by nothing else.
CREATE FUNCTION ecomind.lock_audit_head(org text) RETURNS TABLE (head_seq bigint, head_hash text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  INSERT INTO ecomind.audit_heads (org_id, seq, hash) VALUES (org, 0, repeat('0', 64)) ON CONFLICT (org_id) DO NOTHING;
  RETURN QUERY SELECT h.seq, h.hash FROM ecomind.audit_heads h WHERE h.org_id = org FOR UPDATE;
END
$$;

-- An entry that does not continue the chain is refused.
CREATE FUNCTION ecomind.continue_audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  UPDATE ecomind.audit_heads SET seq = NEW.seq, hash = NEW.hash
    WHERE org_id = NEW.org_id AND seq = NEW.seq - 1 AND hash = NEW.prev_hash AND NEW.hash ~ '^[0-9a-f]{64}$';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit entry % of % does not continue the chain', NEW.seq, NEW.org_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER continue_chain BEFORE INSERT ON ecomind.audit_entries
  FOR EACH ROW EXECUTE FUNCTION ecomind.continue_audit_chain();

-- As `refuse_change`, except for the two that know what they do: the removal of what is too old and the chaining of
-- earlier entries. The setting opens nothing to a role that has no right to UPDATE or DELETE.
CREATE FUNCTION ecomind.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
  IF coalesce(current_setting('ecomind.audit_change', true), '') <> TG_OP THEN
    RAISE EXCEPTION '% only grows: rows are neither changed nor deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;
DROP TRIGGER only_grows ON ecomind.audit_entries;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ecomind.audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ecomind.refuse_audit_change();

-- Removes the entries up to `through` and notes where the rest begins. Returns how many there were. For operators: it is
-- not granted to the role of the application. No entry of the last year goes, whoever asks.
CREATE FUNCTION ecomind.remove_audit_entries(org text, through bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  last_hash text;
  removed bigint;
BEGIN
  PERFORM 1 FROM ecomind.audit_heads WHERE org_id = org FOR UPDATE;
  SELECT hash INTO last_hash FROM ecomind.audit_entries WHERE org_id = org AND seq = through;
  IF last_hash IS NULL THEN
    RETURN 0;
  END IF;
  IF EXISTS (SELECT 1 FROM ecomind.audit_entries
    WHERE org_id = org AND seq <= through AND at > clock_timestamp() - interval '365 days') THEN
    RAISE EXCEPTION 'audit entries of the last 365 days are not removed' USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM set_config('ecomind.audit_change', 'DELETE', true);
  DELETE FROM ecomind.audit_entries WHERE org_id = org AND seq <= through;
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('ecomind.audit_change', '', true);
  UPDATE ecomind.audit_heads SET cut_seq = through, cut_hash = last_hash WHERE org_id = org;
  RETURN removed;
END
$$;
REVOKE EXECUTE ON FUNCTION ecomind.remove_audit_entries(text, bigint) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION ecomind.lock_audit_head(text) FROM PUBLIC;
