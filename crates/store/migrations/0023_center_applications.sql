ALTER TABLE center_instance ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE center_application ADD COLUMN description TEXT;
ALTER TABLE center_application ADD COLUMN redirect_uris TEXT;
ALTER TABLE center_application ADD COLUMN refresh_token INTEGER NOT NULL DEFAULT 0;
ALTER TABLE center_application ADD COLUMN token_exchange INTEGER NOT NULL DEFAULT 0;
ALTER TABLE center_application ADD COLUMN actor_policy TEXT;
ALTER TABLE center_application ADD COLUMN scopes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE center_application ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE center_application ADD COLUMN client_token TEXT;
ALTER TABLE center_application ADD COLUMN client_token_parameters TEXT;
CREATE UNIQUE INDEX center_application_by_client_token ON center_application (client_token);
UPDATE center_application
    SET redirect_uris = '["http://127.0.0.1/","http://localhost/"]', refresh_token = 1, scopes = '{"redshift:connect":[]}'
    WHERE provider_arn = 'arn:aws:sso::aws:applicationProvider/redshift';
