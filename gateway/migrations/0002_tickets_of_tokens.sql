-- A ticket lasts no longer than the sign-in it was issued to.

ALTER TABLE tickets ADD COLUMN token_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN ended_at BIGINT;
