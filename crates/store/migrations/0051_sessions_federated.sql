-- The identity source that opened a browser session; the ID token isn't kept.
ALTER TABLE browser_sessions ADD COLUMN source_id TEXT;
ALTER TABLE browser_sessions ADD COLUMN name_id TEXT;
ALTER TABLE browser_sessions ADD COLUMN name_id_format TEXT;
ALTER TABLE browser_sessions ADD COLUMN name_qualifier TEXT;
ALTER TABLE browser_sessions ADD COLUMN sp_name_qualifier TEXT;
ALTER TABLE browser_sessions ADD COLUMN session_index TEXT;
ALTER TABLE browser_sessions ADD COLUMN source_ends TEXT;
