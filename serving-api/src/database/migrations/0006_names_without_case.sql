-- Names that differ by case only are one name, in any alphabet and whatever the locale of the database: the case of
-- letters is ICU's, the order in the index that of bytes, which no update of ICU changes. The texts of the expressions
-- are those of lower-case.ts.
DROP INDEX ecomind.users_one_user_name;
CREATE UNIQUE INDEX users_one_user_name
  ON ecomind.users (org_id, (lower(coalesce(user_name, email) COLLATE "und-x-icu") COLLATE "C"))
  WHERE deleted_at IS NULL;
DROP INDEX ecomind.groups_one_name;
CREATE UNIQUE INDEX groups_one_name ON ecomind.groups (org_id, (lower(name COLLATE "und-x-icu") COLLATE "C"))
  WHERE deleted_at IS NULL;
