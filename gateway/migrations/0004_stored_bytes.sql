-- What the peers of one session hand in is limited: the bytes that are stored of it already.

ALTER TABLE sessions ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
