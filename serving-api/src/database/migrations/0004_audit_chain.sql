-- Entries of before this version were made by local mode or by the product itself.
ALTER TABLE ecomind.audit_entries
  -- What the actor was at that moment, such as `admin` or `viewer@team/ml`.
  ADD COLUMN role text NOT NULL DEFAULT '',
  -- Address of the client; null: a command of the operator, or the product itself.
  ADD COLUMN from_address text,
  ADD COLUMN outcome text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused'));
